import { basename, relative } from 'node:path'
import type { Environment } from './terminal.ts'

interface Started {
  readonly env: Environment
  /** The name of Node as the person typed it. */
  readonly node: string
  /** The script that Node was given. */
  readonly script: string
  readonly folder: string
}

/**
 * How this program was called, for commands that are printed: they work where they are read. Nobody but a clone of the
 * repository has a `mandate`, so that `npx mandate` elsewhere would ask the registry for a name that is not ours.
 */
export function programNameOf({ env, node, script, folder }: Started): string {
  if (env['npm_lifecycle_event'] !== undefined && env['npm_package_name'] === 'mandate') return 'npm run -s mandate --'
  if (basename(script) === 'mandate') return 'mandate'
  return [node, relative(folder, script)].map(quoteForShell).join(' ')
}

/** The text as one word of a shell's command line. */
export function quoteForShell(text: string): string {
  return /^[\w./-]+$/u.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
