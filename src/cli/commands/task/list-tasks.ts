import type { Command } from 'commander'
import type { TaskSummary } from '../../../api/native/contract/task.ts'
import { type RunState, runStates } from '../../../domain/run-state.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { formatAge, formatCost } from '../../format/format-amount.ts'
import { type Column, formatTable } from '../../format/format-table.ts'
import { findAgentId } from '../../names.ts'
import { collectPair, parseWhole, parseWords } from '../../parse-options.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson, writeLines } from '../../terminal.ts'

interface ListTasksOptions extends ConnectionOptions {
  readonly state?: readonly RunState[]
  readonly agent?: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly limit?: number
  readonly cursor?: string
  readonly json?: boolean
}

/** Adds `task list`. It prints one page, the newest task first; the cursor of the next page stands below the table. */
export function addTaskList(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('list')
    .alias('ls')
    .summary('the tasks, newest first')
    .description('Lists tasks, newest first.')
    .option(
      '-s, --state <states>',
      `only these, separated by commas: ${runStates.join(', ')}`,
      parseWords('--state', runStates),
    )
    .option('-a, --agent <agent>', "only this agent's, by name, number or id")
    .option('--metadata <name=value>', 'only with this metadata; may be repeated', collectPair('--metadata'))
    .option('-n, --limit <number>', 'how many (default: 20)', parseWhole('--limit', 1, 1_000))
    .option('--cursor <cursor>', 'the next page, as the page before named it')
    .option('--json', "print the server's answer")
    .action((options: ListTasksOptions) => withClient(invocation, options, (context) => listTasks(context, options)))
  addConnectionOptions(command)
}

async function listTasks({ client, terminal, now, paint, program }: CommandContext, options: ListTasksOptions) {
  const { state, agent, metadata, limit = 20, cursor } = options
  const page = await client.listTasks({
    limit,
    state: state?.join(','),
    agent_id: agent === undefined ? undefined : await findAgentId(client, agent),
    metadata,
    cursor,
  })
  if (options.json) return writeJson(terminal, page)
  if (page.tasks.length === 0) return terminal.out(`There are no such tasks. Submit one with: ${program} run "…"\n`)
  writeLines(terminal, formatTable(columns(now()), page.tasks, terminal))
  if (page.next_cursor !== null) terminal.out(paint('quiet', `More with --cursor ${page.next_cursor}\n`))
}

const columns = (now: number): Column<TaskSummary>[] => [
  { title: 'task', cell: ({ number }) => String(number), align: 'right' },
  { title: 'state', cell: ({ state }) => state },
  { title: 'title', cell: ({ title }) => title, charsMax: 50, shrinksTo: 20 },
  { title: 'model', cell: ({ run }) => run.model_name ?? run.model, charsMax: 24, shrinksTo: 10 },
  { title: 'steps', cell: ({ run }) => String(run.steps), align: 'right' },
  { title: 'cost', cell: ({ cost_micros_usd }) => formatCost(cost_micros_usd), align: 'right' },
  { title: 'created', cell: ({ created_at }) => formatAge(now - Date.parse(created_at)) },
]
