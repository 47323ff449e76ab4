import type { Command } from 'commander'
import type { TaskView } from '../../../api/native/contract/task.ts'
import { ClientError } from '../../../client/client-error.ts'
import type { Client } from '../../../client/create-client.ts'
import { sealedPlaceholder } from '../../../domain/content.ts'
import { isTerminal } from '../../../domain/run-state.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { formatCost, formatDuration } from '../../format/format-amount.ts'
import { formatFields } from '../../format/format-table.ts'
import { oneLine, printable } from '../../format/printable.ts'
import { measuresOf, stateTones } from '../../live/summarise-task.ts'
import { nameOfAgent } from '../../names.ts'
import { parseSeconds } from '../../parse-options.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson, writeLines } from '../../terminal.ts'

interface ShowTaskOptions extends ConnectionOptions {
  readonly wait?: number
  readonly json?: boolean
}

/**
 * Adds `task show`. With `--wait` the server answers when the task has ended, or after the given time with the state it
 * is in.
 */
export function addTaskShow(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('show')
    .summary('one task with its input and result')
    .description('Shows one task: where it stands, what it was asked, what came of it.')
    .argument('<task>', 'its number or id')
    .option('--wait <time>', 'answer when it has ended, or after so long: 30s, 5m', parseSeconds('--wait'))
    .option('--json', "print the server's answer")
    .action((id: string, options: ShowTaskOptions) =>
      withClient(invocation, options, (context) => showTask(context, id, options)),
    )
  addConnectionOptions(command)
}

async function showTask({ client, terminal, now, paint }: CommandContext, id: string, options: ShowTaskOptions) {
  const task = await client.readTask(id, options.wait)
  if (options.json) return writeJson(terminal, task)
  const block = (title: string, text: string) => ['', paint('heading', title), printable(text)]
  const input = task.input_sealed ? sealedPlaceholder : task.input
  const result = task.result_sealed ? sealedPlaceholder : task.result
  writeLines(terminal, [
    `${paint('heading', `task ${task.number}`)} ${paint(stateTones[task.state], task.state)}  ${oneLine(task.title)}`,
    ...formatFields(fieldsOf(task, await describeAgent(client, task.agent_id), now())),
    ...(input === null ? [] : block('input', input)),
    ...(result === null ? [] : block('result', result)),
    ...(task.error === null ? [] : block('error', `${task.error.message} (${task.error.code})`)),
  ])
}

/** By name and number; one that is gone, or that the reader may not see, is left with its id. */
async function describeAgent(client: Client, id: string): Promise<string> {
  try {
    return `${nameOfAgent(await client.readAgent(id))}  ${id}`
  } catch (error) {
    if (error instanceof ClientError) return id
    throw error
  }
}

function fieldsOf(task: TaskView, agent: string, now: number): [string, string | null][] {
  const { run } = task
  const metadata = Object.entries(task.metadata).map(([name, value]) => `${name}=${formatValue(value)}`)
  return [
    ['id', task.id],
    ['agent', agent],
    ['model', run.model_name ?? `${run.provider}/${run.model}`],
    ['policy', task.policy.name],
    ['may', task.capabilities.join(', ') || 'nothing'],
    [
      'denied',
      task.denied_capabilities.map(({ permission, reason }) => `${permission} (${reason})`).join(', ') || null,
    ],
    ['priority', String(task.priority)],
    ['turn', run.turn === 1 ? null : String(run.turn)],
    ['attempt', run.attempt > 1 ? String(run.attempt) : null],
    ['ignored', run.ignored_fields.join(', ') || null],
    ['metadata', metadata.length === 0 ? null : metadata.join(', ')],
    ['created', task.created_at],
    ['started', task.started_at],
    ['ended', task.ended_at],
    [
      'running',
      isTerminal(task.state) || task.started_at === null ? null : formatDuration(now - Date.parse(task.started_at)),
    ],
    ['used', measuresOf(task)],
    ['budget', `${formatCost(task.budget.spent.micros_usd)} of ${formatCost(task.budget.cap.micros_usd)}`],
    ['held', task.hold],
    ['purged', task.purged_at],
  ]
}

function formatValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
