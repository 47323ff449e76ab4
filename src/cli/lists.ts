import type { Command } from 'commander'
import type { PageQuery } from '../api/native/contract/agent.ts'
import type { Sendable } from '../client/send-request.ts'
import { parseWhole } from './parse-options.ts'
import type { Paint, Terminal } from './terminal.ts'

/** The parsed options of a list command. `limit` is from 1 to 1,000. */
export interface ListOptions {
  readonly limit?: number
  readonly cursor?: string
  readonly json?: boolean
}

/** Adds the options of a list command: the size of the page, its cursor and `--json`. */
export function addListOptions(command: Command): Command {
  return command
    .option('-n, --limit <number>', 'how many', parseWhole('--limit', 1, 1_000))
    .option('--cursor <cursor>', 'the next page, as the page before named it')
    .option('--json', "print the server's answer")
}

/** The query for the page that these options ask for. */
export function listQueryOf({ limit, cursor }: ListOptions): Sendable<PageQuery> {
  return { limit, cursor }
}

/** Prints how to ask for the next page. Prints nothing after the last one. */
export function printMore(terminal: Terminal, paint: Paint, cursor: string | null): void {
  if (cursor !== null) terminal.out(paint('quiet', `More with --cursor ${cursor}\n`))
}

type Page<Name extends string, One> = Readonly<Record<Name, One[]>> & { readonly next_cursor: string | null }

/** Reads all pages of a list, one after the other. What changes meanwhile may be missing. */
export async function listAll<Name extends string, One>(
  readPage: (query: { cursor?: string | undefined }) => Promise<Page<Name, One>>,
  name: Name,
): Promise<One[]> {
  const all: One[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await readPage({ cursor })
    all.push(...page[name])
    cursor = page.next_cursor
  }
  return all
}
