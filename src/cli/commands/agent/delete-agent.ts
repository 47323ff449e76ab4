import type { Command } from 'commander'
import type { ConnectionOptions } from '../../connection.ts'
import { findAgentId } from '../../find-agent.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'

export function addAgentDelete(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('delete')
    .summary('delete an agent')
    .description('Deletes an agent. Its tasks stay.')
    .argument('<agent>', 'its name, number or id')
    .action((word: string, options: ConnectionOptions) =>
      withClient(invocation, options, (context) => deleteAgent(context, word)),
    )
  addConnectionOptions(command)
}

async function deleteAgent({ client, terminal }: CommandContext, word: string): Promise<void> {
  await client.deleteAgent(await findAgentId(client, word))
  terminal.out(`agent ${word} is deleted\n`)
}
