import type { Command } from 'commander'
import type { ConnectionOptions } from '../../connection.ts'
import { exitCodes } from '../../exit-codes.ts'
import { oneLine } from '../../format/printable.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson, writeLines } from '../../terminal.ts'

interface HealthOptions extends ConnectionOptions {
  readonly json?: boolean
}

/** Adds `mandate health`. Exit code 0: the server takes new work; 1: it does not; 5: no server answers. */
export function addHealth(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('health')
    .summary('ask the server how it is')
    .description(
      'Asks the server how it is. Ends with 0 when it takes new work, 1 when it does not, 5 when none answers.',
    )
    .option('--json', "print the server's answer")
    .action((options: HealthOptions) => withClient(invocation, options, (context) => showHealth(context, options)))
  addConnectionOptions(command)
}

async function showHealth({ client, terminal, paint }: CommandContext, options: HealthOptions): Promise<number> {
  const health = await client.readHealth()
  if (options.json) writeJson(terminal, health)
  else {
    const state = health.ready ? paint('good', 'takes new work') : paint('bad', 'takes no new work')
    writeLines(terminal, [
      `Mandate ${oneLine(health.version)} at ${client.url} ${state}`,
      ...health.degraded.map((problem) => paint('warning', `  ${oneLine(problem)}`)),
    ])
  }
  return health.ready ? exitCodes.succeeded : exitCodes.failed
}
