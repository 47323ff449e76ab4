import type { Command } from 'commander'
import type { TaskView } from '../../../api/native/contract/task.ts'
import { ClientError } from '../../../client/client-error.ts'
import type { CliEnvironment } from '../../cli-environment.ts'
import { exitCodes } from '../../exit-codes.ts'
import { oneLine, shorten } from '../../format/printable.ts'
import { findAgentId } from '../../names.ts'
import { addConnectionOptions, type CommandContext, contextFor, type Invocation } from '../../program.ts'
import { writeJson } from '../../terminal.ts'
import { UsageError } from '../../usage-error.ts'
import { fetchFiles } from '../task/fetch-files.ts'
import { openServer } from './open-server.ts'
import { readInputFiles } from './read-input-files.ts'
import { addRunOptions, type RunOptions, requestOf } from './run-options.ts'
import { fetchHint, isPersonPresent, watchTask } from './watch-task.ts'

/**
 * Adds `mandate run`. Its exit code tells how the task ended (see `exitCodes`), and 130 that the person interrupted it.
 */
export function addRun(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('run')
    .summary('hand an agent a task and watch it')
    .description(
      'Hands an agent a task and shows it live until it ends. Uses the server on this machine, or starts one for as long as ' +
        'the task takes. Ctrl-C cancels the task.',
    )
    .argument('<instructions...>', 'what to do')
    .addHelpText('after', examplesFor(invocation.environment.program))
    .action(async (words: string[], options: RunOptions) => {
      invocation.exitCode = await runTask(invocation, words.join(' '), options)
    })
  addConnectionOptions(addRunOptions(command))
}

const examplesFor = (program: string) => `
Ends with 0 when the task succeeded, 1 failed, 2 wrong usage, 3 blocked, 4 cancelled, 5 no server or refused by it, 130 Ctrl-C.

Examples:
  ${program} run "write hello world to a.txt then count the words in a.txt"
  ${program} run --file report.csv --model sonnet "summarise report.csv in five lines"
  ${program} run --json "list the files" | jq .type`

const aboutTemporary = {
  started: (url: string) => `No server was running; one was started at ${url} for this task.`,
  joined: (url: string) => `The server at ${url} was started for another task; it ends with the last.`,
} as const

/** The whole of `mandate run`, the server included: whatever happens, one that was started is let go of. */
async function runTask({ environment, offline }: Invocation, input: string, options: RunOptions) {
  if (input.trim() === '') throw new UsageError('The instructions are empty: say what is to be done.')
  const files = await readInputFiles(options.file ?? [])
  const { terminal } = environment
  const server = await openServer(options, environment, offline)
  try {
    const context = contextFor(environment, server.client)
    if (server.temporary !== false) {
      if (options.detach) throw needsServer(environment.program)
      const notes = [aboutTemporary[server.temporary](server.client.url), server.note ?? '']
      terminal.err(`${context.paint('quiet', notes.join(' ').trim())}\n`)
    }
    const task = await submit(context, environment, input, options, files)
    if (task === undefined) return exitCodes.interrupted
    return options.detach
      ? printDetached(context, task, options)
      : await show(context, environment, task, options, server.temporary !== false)
  } finally {
    await server.letGo()
  }
}

function needsServer(program: string): ClientError {
  const detail = `With --detach the task is left to a server that goes on running, and none is: start it with "${program} serve".`
  return new ClientError(0, 'no_server', detail)
}

/** Undefined when Ctrl-C came before the server had answered; it may have taken the task all the same. */
async function submit(
  context: CommandContext,
  environment: CliEnvironment,
  input: string,
  options: RunOptions,
  files: Awaited<ReturnType<typeof readInputFiles>>,
): Promise<TaskView | undefined> {
  const { client } = context
  const abort = new AbortController()
  const unlisten = environment.onInterrupt(() => abort.abort())
  try {
    const { agent, budget, title, metadata } = options
    const body = {
      input,
      ...requestOf(options),
      agent_id: agent === undefined ? undefined : await findAgentId(client, agent),
      budget: budget === undefined ? undefined : { micros_usd: budget },
      title,
      metadata,
      ask_question: mayAsk(options, environment) || undefined,
      files: files.length > 0 ? files : undefined,
    }
    return await client.submitTask(body, { signal: abort.signal })
  } catch (error) {
    if (abort.signal.aborted) return undefined
    throw error
  } finally {
    unlisten()
  }
}

/** The default is to ask where a person will see the question: at a terminal that shows the task. */
function mayAsk({ ask, detach, json }: RunOptions, environment: CliEnvironment): boolean {
  return ask ?? (!detach && !json && isPersonPresent(environment))
}

function printDetached({ terminal, program }: CommandContext, task: TaskView, options: RunOptions): number {
  if (options.json) writeJson(terminal, task)
  else
    terminal.out(`task ${task.number} ${task.id} ${task.state}\nFollow it with: ${program} task watch ${task.number}\n`)
  return exitCodes.succeeded
}

async function show(
  context: CommandContext,
  environment: CliEnvironment,
  task: TaskView,
  options: RunOptions,
  ephemeral: boolean,
): Promise<number> {
  const { terminal, paint, program } = context
  if (!options.json) {
    const name = `task ${task.number}`
    const about = ` · ${task.run.model_name ?? `${task.run.provider}/${task.run.model}`} · ${task.id}`
    const room = Math.max(20, terminal.columns - name.length - about.length - 1)
    terminal.out(`${paint('heading', name)} ${shorten(titleOf(task), room)}${paint('quiet', about)}\n`)
  }
  const { into, json = false } = options
  const exitCode = await watchTask(context, environment, task, {
    after: 0,
    json,
    filesHint: into === undefined ? hintFor(program, task, ephemeral) : undefined,
  })
  if (into !== undefined && exitCode !== exitCodes.interrupted) {
    await fetchFiles(context, task.id, [], { into, force: true, quiet: json })
  }
  return exitCode
}

/** The title holds only how the instructions begin. */
function titleOf({ title, input }: TaskView): string {
  const start = title.replace(/…$/u, '')
  const line = oneLine(input ?? '')
  return line.startsWith(start) ? line : oneLine(title)
}

/** The server that was started for this task is gone when the person reads the hint. */
function hintFor(program: string, task: TaskView, ephemeral: boolean): string {
  return ephemeral
    ? `kept by the server: "${program} serve", then ${fetchHint(program, task)}; or run with --into`
    : fetchHint(program, task)
}
