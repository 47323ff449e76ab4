import { isIPv6 } from 'node:net'
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

/** What the person who started the server is told, on stdout. The line `listening on …` says that it is ready to serve. */
export function announce({ config, address, first, unfinished }: Announcement): void {
  const lines: string[] = []
  if (first === undefined) {
    lines.push(`Mandate goes on with the data in ${config.dataFolder}.`)
    if (unfinished > 0) {
      const count = unfinished > unfinishedCountMax ? `More than ${unfinishedCountMax}` : unfinished
      lines.push(`${count} unfinished ${unfinished === 1 ? 'run is' : 'runs are'} taken up again.`)
    }
  } else {
    lines.push(...firstStartLines(config, address, first))
  }
  const hint = addressHint(config, address)
  if (hint !== undefined) lines.push(hint)
  process.stdout.write(`${[...lines, `listening on ${address}`].join('\n')}\n`)
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

function firstStartLines(config: Config, address: string, { adminKey }: FirstStart): string[] {
  const key = adminKey ?? '$MANDATE_ADMIN_KEY'
  return [
    `Mandate's first start: its data is in ${config.dataFolder}.`,
    '',
    adminKey === undefined
      ? '  admin key    the one in MANDATE_ADMIN_KEY'
      : `  admin key    ${adminKey}   (shown this once: keep it)`,
    `  demo agent   ${demoAgentName}`,
    '',
    'Run a first task:',
    '',
    '  npx mandate run "write hello world to hello.txt then count the words in hello.txt"',
    '',
    'or over HTTP:',
    '',
    `  curl -s ${address}/v1/tasks -H "Authorization: Bearer ${key}" -H 'Content-Type: application/json' \\`,
    `    -H 'Prefer: wait=10' -d '{"input": "say Hello from Mandate"}'`,
    '',
  ]
}
