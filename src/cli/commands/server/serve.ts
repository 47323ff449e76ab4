import { type Command, Option } from 'commander'
import type { ServeOptions } from '../../offline-commands.ts'
import { parseWhole } from '../../parse-options.ts'
import type { Invocation } from '../../program.ts'

/**
 * Adds `mandate serve`. The options go before the environment variables of the same meaning. The exit code is the one
 * of the server.
 */
export function addServe(parent: Command, invocation: Invocation): void {
  parent
    .command('serve')
    .summary('run the server')
    .description(
      'Runs the server until SIGTERM or Ctrl-C. It is configured by environment variables, which docs/operating.md lists; ' +
        'those that are needed most are options here.',
    )
    .option(
      '--port <number>',
      'listens there; 0 takes any free port (MANDATE_PORT, 7070)',
      parseWhole('--port', 0, 65_535),
    )
    .option('--host <address>', 'listens on this address (MANDATE_HOST, 127.0.0.1)')
    .option('--data <folder>', 'keeps its data there (MANDATE_DATA, ./data)')
    .addOption(new Option('--temporary', 'ends when nobody uses it any more').hideHelp())
    .action(async (options: ServeOptions) => {
      invocation.exitCode = await invocation.offline.serve(options)
    })
}
