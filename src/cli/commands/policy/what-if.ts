import type { Command } from 'commander'
import type { WhatIfRequestBody, WhatIfView } from '../../../api/native/contract/policy.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { formatCount, formatPlural } from '../../format/format-amount.ts'
import { type Column, formatTable } from '../../format/format-table.ts'
import { parseSeconds, parseWhole } from '../../parse-options.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson, writeLines } from '../../terminal.ts'
import { UsageError } from '../../usage-error.ts'
import { readPolicyFiles } from './policy-files.ts'

interface WhatIfOptions extends ConnectionOptions {
  readonly cedar?: string
  readonly since?: string
  readonly limit?: number
  readonly cursor?: string
  readonly json?: boolean
}

/**
 * Adds `policy what-if`. It decides recorded actions again under a candidate policy and changes nothing. One call
 * examines one page of actions; the cursor goes on.
 */
export function addPolicyWhatIf(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('what-if')
    .summary('decide recorded actions again under another policy')
    .description(
      'Decides recorded actions again as if they had been under another policy, and lists each decision that would change. ' +
        'Nothing is added and nothing is changed.',
    )
    .argument('<policy>', 'a name or digest, or the file of a document (it ends in .json)')
    .option('--cedar <file>', 'the Cedar text of a file (default: the file beside it that ends in .cedar)')
    .option('--since <when>', 'a length of time such as 7d (the default), or an instant such as 2026-01-31T00:00:00Z')
    .option('-n, --limit <number>', 'actions to decide again', parseWhole('--limit', 1, 1_000_000))
    .option('--cursor <cursor>', 'goes on where an answer before left off')
    .option('--json', "print the server's answer")
    .action((word: string, options: WhatIfOptions) =>
      withClient(invocation, options, (context) => whatIf(context, word, options)),
    )
  addConnectionOptions(command)
}

async function whatIf({ client, terminal, paint, now }: CommandContext, word: string, options: WhatIfOptions) {
  const { limit, cursor } = options
  const since = options.since === undefined ? undefined : sinceOf(options.since, now())
  const found = await client.whatIf({ ...(await candidateOf(word, options.cedar)), since, limit, cursor })
  if (options.json) return writeJson(terminal, found)
  if (found.changes.length > 0) writeLines(terminal, formatTable(columns, found.changes, terminal))
  const { examined, unreadable, changes, next_cursor } = found
  const gone =
    unreadable === 0 ? '' : `; ${formatCount(unreadable)} cannot be made again: what they were made from is gone`
  terminal.out(`${formatCount(changes.length)} of ${formatPlural(examined, 'decision')} would change${gone}\n`)
  if (next_cursor !== null) terminal.out(paint('quiet', `More with --cursor ${next_cursor}\n`))
}

async function candidateOf(word: string, cedar: string | undefined): Promise<WhatIfRequestBody> {
  if (cedar === undefined && !/\.json$/iu.test(word)) return { policy: word }
  return await readPolicyFiles(word, cedar)
}

function sinceOf(text: string, now: number): string {
  if (/^\d+[smhd]?$/u.test(text)) return new Date(now - parseSeconds('--since')(text) * 1_000).toISOString()
  const at = /^\d{4}-\d{2}-\d{2}/u.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at)) {
    throw new UsageError(
      `--since takes a length of time such as 7d, or an instant such as 2026-01-31T00:00:00Z; got "${text}".`,
    )
  }
  return new Date(at).toISOString()
}

const columns: Column<WhatIfView['changes'][number]>[] = [
  { title: 'at', cell: ({ at }) => at.slice(0, 19) },
  { title: 'task', cell: ({ task_number }) => String(task_number), align: 'right' },
  { title: 'tool', cell: ({ tool }) => tool, charsMax: 24, shrinksTo: 10 },
  { title: 'was', cell: ({ was }) => was },
  { title: 'would', cell: ({ would }) => would },
  { title: 'by', cell: ({ rules }) => rules.join(', '), charsMax: 40, shrinksTo: 12 },
  { title: 'because', cell: ({ reason }) => reason, charsMax: 60, shrinksTo: 16, optional: true },
]
