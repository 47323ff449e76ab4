import type { Command } from 'commander'
import type { PageQuery } from '../api/native/contract/agent.ts'
import { parseWhole } from './parse-options.ts'
import type { Paint } from './style.ts'
import type { Terminal } from './terminal.ts'

/** What every list takes. */
export interface ListOptions {
  readonly limit?: number
  readonly cursor?: string
  readonly json?: boolean
}

export function addListOptions(command: Command): Command {
  return command
    .option('-n, --limit <number>', 'how many', parseWhole('--limit', 1, 1_000))
    .option('--cursor <cursor>', 'the next page, as the page before named it')
    .option('--json', "print the server's answer")
}

export function listQueryOf({ limit, cursor }: ListOptions): PageQuery {
  return { ...(limit !== undefined && { limit }), ...(cursor !== undefined && { cursor }) }
}

export function printMore(terminal: Terminal, paint: Paint, cursor: string | null): void {
  if (cursor !== null) terminal.out(paint('quiet', `More with --cursor ${cursor}\n`))
}
