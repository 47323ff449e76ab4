import type { Command } from 'commander'
import type { ConnectionOptions } from '../../connection.ts'
import { oneLine } from '../../format/printable.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson } from '../../terminal.ts'
import { UsageError } from '../../usage-error.ts'

interface HoldTaskOptions extends ConnectionOptions {
  readonly reason?: string
  readonly lift?: boolean
  readonly json?: boolean
}

/** Adds `task hold`. While a task is held, neither retention nor a request purges its contents. */
export function addTaskHold(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('hold')
    .summary('keep what is in a task whatever happens')
    .description('Puts a legal hold on a task: its contents are not purged, whoever asks and however old they are.')
    .argument('<task>', 'its number or id')
    .option('--reason <text>', 'why: name a case rather than a person, for it stays in the journal')
    .option('--lift', 'lift the hold')
    .option('--json', "print the server's answer")
    .action((id: string, options: HoldTaskOptions) =>
      withClient(invocation, options, (context) => holdTask(context, id, options)),
    )
  addConnectionOptions(command)
}

async function holdTask({ client, terminal }: CommandContext, id: string, { reason, lift, json }: HoldTaskOptions) {
  if ((reason === undefined) === !lift)
    throw new UsageError('Give --reason <text> to hold it, or --lift; one of the two.')
  const task = reason === undefined ? await client.liftHold(id) : await client.placeHold(id, reason)
  if (json) return writeJson(terminal, task)
  terminal.out(`task ${task.number} is ${task.hold === null ? 'not held' : `held: ${oneLine(task.hold)}`}\n`)
}

interface PurgeTaskOptions extends ConnectionOptions {
  readonly json?: boolean
}

/** Adds `task purge`. It cannot be undone; the journal with its digests and the signed statements stay. */
export function addTaskPurge(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('purge')
    .summary('take what is in a task away for good')
    .description(
      'Takes the texts, arguments, results and files of a task away for good. That it was there stays: the journal with its ' +
        'digests, and the signed statements.',
    )
    .argument('<task>', 'its number or id')
    .option('--json', "print the server's answer")
    .action((id: string, options: PurgeTaskOptions) =>
      withClient(invocation, options, (context) => purgeTask(context, id, options)),
    )
  addConnectionOptions(command)
}

async function purgeTask({ client, terminal }: CommandContext, id: string, options: PurgeTaskOptions) {
  const task = await client.purgeTask(id)
  if (options.json) return writeJson(terminal, task)
  terminal.out(`task ${task.number} is purged\n`)
}
