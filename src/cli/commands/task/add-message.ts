import type { Command } from 'commander'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson } from '../../terminal.ts'
import { readInputFiles } from '../run/read-input-files.ts'
import { addRequestOptions, type RunOptions, requestOf } from '../run/run-options.ts'
import { fetchHint, watchTask } from '../run/watch-task.ts'

/** Adds `task message`. Without `--detach` it watches the task from the new message on and ends like `mandate run`. */
export function addTaskMessage(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('message')
    .summary('say something more to a task')
    .description(
      'Adds a message to a task and watches it. A task that has ended starts another run with it; one that is running is ' +
        'given it with its next model call.',
    )
    .argument('<task>', 'its number or id')
    .argument('<text...>', 'the message')
    .option('--detach', 'send it only')
    .option('--json', 'print the journal from here on as JSON lines')
    .action((id: string, words: string[], options: RunOptions) =>
      withClient(invocation, options, (context) => addMessage(context, invocation, id, words.join(' '), options)),
    )
  addConnectionOptions(addRequestOptions(command))
}

async function addMessage(
  context: CommandContext,
  { environment }: Pick<Invocation, 'environment'>,
  id: string,
  input: string,
  options: RunOptions,
): Promise<number | undefined> {
  const { client, terminal } = context
  const files = await readInputFiles(options.file ?? [])
  const before = await client.readTask(id)
  const task = await client.addMessage(id, {
    input,
    ...requestOf(options),
    files: files.length > 0 ? files : undefined,
  })
  if (!options.detach) {
    return watchTask(context, environment, task, {
      after: before.last_seq,
      json: options.json ?? false,
      filesHint: fetchHint(context.program, task),
    })
  }
  if (options.json) writeJson(terminal, task)
  else terminal.out(`task ${task.number} is ${task.state}\n`)
  return undefined
}
