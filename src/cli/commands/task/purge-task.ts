import type { Command } from 'commander'
import type { ConnectionOptions } from '../../connection.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson } from '../../write-lines.ts'

interface PurgeTaskOptions extends ConnectionOptions {
  readonly json?: boolean
}

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
