import type { Command } from 'commander'
import type { UsageReportView } from '../../../api/native/contract/usage-report.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { formatCost, formatCount } from '../../format/format-amount.ts'
import { type Column, formatTable } from '../../format/format-table.ts'
import { findAgentNames, findTeamNames, findUserNames, type Names } from '../../names.ts'
import { parseWords } from '../../parse-options.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson, writeLines } from '../../terminal.ts'

const groups = ['day', 'agent', 'user', 'team'] as const
type Group = (typeof groups)[number]

interface ShowUsageOptions extends ConnectionOptions {
  readonly from?: string
  readonly to?: string
  readonly by: readonly Group[]
  readonly user?: string
  readonly json?: boolean
}

/**
 * Adds `mandate usage`. Only runs that have ended are counted. Days are in UTC, and the default is the last 30 of them.
 */
export function addUsage(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('usage')
    .summary('what tasks have used up')
    .description('Sums up what ended runs have used: yours, or everybody’s for an administrator or auditor.')
    .option('--from <day>', 'the first day, as 2026-01-31 (UTC; default: 30 days)')
    .option('--to <day>', 'the last day, included (default: today)')
    .option('--by <words>', `separated by commas: ${groups.join(', ')}`, parseWords('--by', groups), ['day'])
    .option('--user <id>', "only this user's tasks")
    .option('--json', "print the server's answer")
    .action((options: ShowUsageOptions) => withClient(invocation, options, (context) => showUsage(context, options)))
  addConnectionOptions(command)
}

async function showUsage({ client, terminal }: CommandContext, options: ShowUsageOptions) {
  const { from, to, by, user } = options
  const report = await client.sumUsage({ by: by.join(','), from, to, user_id: user })
  if (options.json) return writeJson(terminal, report)
  if (report.usage.length === 0) return terminal.out(`Nothing ended from ${report.from} to ${report.to}.\n`)
  const names: Record<Group, Names> = {
    day: new Map(),
    agent: by.includes('agent') ? await findAgentNames(client) : new Map(),
    user: by.includes('user') ? await findUserNames(client) : new Map(),
    team: by.includes('team') ? await findTeamNames(client) : new Map(),
  }
  writeLines(terminal, formatTable(columnsOf(by, names), report.usage, terminal))
}

type Row = UsageReportView['usage'][number]

const wordIn: Readonly<Record<Group, (row: Row) => string>> = {
  day: ({ day }) => day ?? '',
  agent: ({ agent_id }) => agent_id ?? '',
  user: ({ user_id }) => user_id ?? '',
  team: ({ team_id }) => team_id ?? 'none',
}

/** By name, where the name is known; a thing that was deleted has its id left. */
function columnsOf(by: readonly Group[], names: Readonly<Record<Group, Names>>): Column<Row>[] {
  const grouped = groups.filter((group) => by.includes(group))
  return [
    ...grouped.map((group): Column<Row> => {
      const cell = (row: Row) => names[group].get(wordIn[group](row)) ?? wordIn[group](row)
      return { title: group, cell, charsMax: 36, shrinksTo: 10 }
    }),
    { title: 'runs', cell: ({ runs }) => formatCount(runs), align: 'right' },
    { title: 'steps', cell: ({ steps }) => formatCount(steps), align: 'right' },
    { title: 'tokens in', cell: ({ input_tokens }) => formatCount(input_tokens), align: 'right' },
    { title: 'out', cell: ({ output_tokens }) => formatCount(output_tokens), align: 'right' },
    { title: 'cost', cell: ({ cost_micros_usd }) => formatCost(cost_micros_usd), align: 'right' },
  ]
}
