import type { Command } from 'commander'
import type { ConnectionOptions } from '../../connection.ts'
import { addConnectionOptions, type Invocation, withClient } from '../../program.ts'
import { fetchHint, watchTask } from '../run/watch-task.ts'

interface WatchOptions extends ConnectionOptions {
  readonly json?: boolean
}

/** Adds `task watch`. It shows the journal from the first event on and ends like `mandate run`. */
export function addTaskWatch(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('watch')
    .summary('a task as it goes on, like "run" shows it')
    .description(
      'Shows a task from its beginning until it ends, and ends with the exit codes of "run". Ctrl-C cancels the task.',
    )
    .argument('<task>', 'its number or id')
    .option('--json', 'print the journal as JSON lines')
    .action((id: string, options: WatchOptions) =>
      withClient(invocation, options, async (context) => {
        const task = await context.client.readTask(id)
        return watchTask(context, invocation.environment, task, {
          after: 0,
          json: options.json ?? false,
          filesHint: fetchHint(context.program, task),
        })
      }),
    )
  addConnectionOptions(command)
}
