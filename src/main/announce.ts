import { isIPv6 } from 'node:net'
import { relative } from 'node:path'
import { programNameOf, quoteForShell } from '../cli/program-name.ts'
import { localKeyPath } from '../data-folder/key-files.ts'
import { demoAgentName, type FirstStart } from './first-start.ts'
import type { Config } from './read-config.ts'

/** So many are counted; more are only called more. */
export const unfinishedCountMax = 1_000

interface Announcement {
  readonly config: Config
  readonly address: string
  /** Undefined when the data folder was there before. */
  readonly first: FirstStart | undefined
  /** Runs that an earlier process left queued or running. */
  readonly unfinished: number
}

/** Tells the person who started the server. The line `listening on …` says that it is ready to serve. */
export function announce(announcement: Announcement): void {
  const { argv, argv0, env, stdout } = process
  const program = programNameOf({ env, node: argv0, script: argv[1] ?? '', folder: process.cwd() })
  stdout.write(`${greetingOf(announcement, program, stdout.isTTY).join('\n')}\n`)
}

/** The admin key is shown to a person who looks on: what else reads this may keep it, and send it on, anywhere. */
export function greetingOf(announcement: Announcement, program: string, isTerminal: boolean): string[] {
  const { config, address, first, unfinished } = announcement
  const lines: string[] = []
  if (first === undefined) {
    lines.push(`Mandate goes on with the data in ${config.dataFolder}.`)
    if (unfinished > 0) {
      const count = unfinished > unfinishedCountMax ? `More than ${unfinishedCountMax}` : unfinished
      lines.push(`${count} unfinished ${unfinished === 1 ? 'run is' : 'runs are'} taken up again.`)
    }
  } else {
    lines.push(...firstStartLines({ ...announcement, first }, program, isTerminal))
  }
  const hint = addressHint(config, address)
  if (hint !== undefined) lines.push(hint)
  return [...lines, `listening on ${address}`]
}

/**
 * Whoever listens on every interface serves others, and hands them addresses of this machine alone unless they say how it is
 * reached. Undefined where there is nothing to say.
 */
export function addressHint(
  { host, publicUrl }: Pick<Config, 'host' | 'publicUrl'>,
  address: string,
): string | undefined {
  const name = URL.parse(isIPv6(host) ? `http://[${host}]` : `http://${host}`)?.hostname
  if (publicUrl !== undefined || (name !== '0.0.0.0' && name !== '[::]')) return undefined
  return `Addresses in answers begin with ${address}, which other machines cannot reach: set MANDATE_PUBLIC_URL to what clients use.`
}

function firstStartLines(
  { config, address, first }: Announcement & { readonly first: FirstStart },
  program: string,
  isTerminal: boolean,
): string[] {
  const { adminKey } = first
  const file = relative('.', localKeyPath(config.dataFolder))
  const kept = isTerminal ? `${adminKey}, kept in ${file}` : `in ${file}`
  const key = adminKey === undefined ? '$MANDATE_ADMIN_KEY' : `$(cat ${quoteForShell(file)})`
  return [
    `Mandate's first start: its data is in ${config.dataFolder}.`,
    '',
    `  admin key    ${adminKey === undefined ? 'the one in MANDATE_ADMIN_KEY' : kept}`,
    `  demo agent   ${demoAgentName}`,
    '',
    'Run a first task, in another terminal:',
    '',
    `  ${program} run "write hello world to hello.txt then count the words in hello.txt"`,
    '',
    'or over HTTP:',
    '',
    `  curl -s ${address}/v1/tasks -H "Authorization: Bearer ${key}" -H 'Content-Type: application/json' \\`,
    `    -H 'Prefer: wait=10' -d '{"input": "say Hello from Mandate"}'`,
    '',
  ]
}
