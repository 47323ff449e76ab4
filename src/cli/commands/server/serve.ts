import { type Command, Option } from 'commander'
import type { ServeOptions } from '../../offline-commands.ts'
import type { Invocation } from '../../program.ts'

export function addServe(parent: Command, invocation: Invocation): void {
  parent
    .command('serve')
    .summary('run the server')
    .description(
      'Runs the server until SIGTERM or Ctrl-C. It is configured by environment variables: MANDATE_PORT (7070), ' +
        'MANDATE_DATA (./data), MANDATE_HOST (127.0.0.1) and those in docs/operating.md.',
    )
    .addOption(new Option('--temporary', 'ends when nobody uses it any more').hideHelp())
    .action(async (options: ServeOptions) => {
      invocation.exitCode = await invocation.offline.serve(options)
    })
}
