import { writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import type { ConnectionOptions } from '../../connection.ts'
import { formatBytes } from '../../format/format-amount.ts'
import { oneLine } from '../../format/printable.ts'
import { makeFolder } from '../../make-folder.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { UsageError } from '../../usage-error.ts'

interface FetchFilesOptions extends ConnectionOptions {
  readonly into?: string
  readonly stdout?: boolean
  readonly force?: boolean
  readonly quiet?: boolean
}

/** Adds `task fetch`. It never writes outside of the target folder, whatever paths the server names. */
export function addTaskFetch(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('fetch')
    .summary("bring files of a task's workspace here")
    .description("Brings files of a task's workspace here, all of them unless some are named. Folders are kept.")
    .argument('<task>', 'its number or id')
    .argument('[path...]', 'files of its workspace')
    .option('-o, --into <folder>', 'where to put them (default: the current folder)')
    .option('--force', 'replace files that are there')
    .option('--stdout', 'write one file to standard output instead')
    .action((id: string, paths: string[], options: FetchFilesOptions) =>
      withClient(invocation, options, (context) => fetchFiles(context, id, paths, options)),
    )
  addConnectionOptions(command)
}

/**
 * Writes the named files of a workspace, or all of them, below the target folder. Throws UsageError for a path that
 * leads out of the folder, and without `force` for a file that exists. Files before the refused one stay written.
 */
export async function fetchFiles(
  { client, terminal }: CommandContext,
  id: string,
  named: readonly string[],
  options: FetchFilesOptions,
): Promise<void> {
  const paths = named.length > 0 ? named : (await client.listFiles(id)).files.map(({ path }) => path)
  if (options.stdout) {
    const [path, other] = paths
    if (path === undefined || other !== undefined)
      throw new UsageError('--stdout takes one file: name it after the task.')
    return terminal.out(await client.readFile(id, path))
  }
  if (paths.length === 0 && !options.quiet) terminal.out('This task has no files.\n')
  const folder = resolve(options.into ?? '.')
  for (const path of paths) {
    const target = targetOf(folder, path)
    const bytes = await client.readFile(id, path)
    await makeFolder(dirname(target))
    await write(target, bytes, options.force ?? false)
    if (!options.quiet) terminal.out(`${oneLine(shownPath(target))} (${formatBytes(bytes.length)})\n`)
  }
}

/** The path as a person would write it: relative where it is below the current folder. */
function shownPath(target: string): string {
  const path = relative('.', target)
  return path.startsWith('..') ? target : path
}

/** A server is not trusted with where files go: no path may lead out of the folder. */
function targetOf(folder: string, path: string): string {
  const target = join(folder, path)
  const below = relative(folder, target)
  if (below === '' || below.startsWith('..') || isAbsolute(below)) {
    throw new UsageError(`The path "${oneLine(path)}" leads out of ${folder}; it is not fetched.`)
  }
  return target
}

async function write(target: string, bytes: Uint8Array, force: boolean): Promise<void> {
  try {
    await writeFile(target, bytes, { flag: force ? 'w' : 'wx' })
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    if (exists) throw new UsageError(`${target} is there already; --force replaces it, --into puts files elsewhere.`)
    throw error
  }
}
