import type { Command } from 'commander'
import type { ConnectionOptions } from '../../connection.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'

export function addKeyRevoke(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('revoke')
    .summary('make a key worthless, for good')
    .description('Makes a key worthless, for good.')
    .argument('<id>', 'its id, as "key list" shows it')
    .action((id: string, options: ConnectionOptions) =>
      withClient(invocation, options, (context) => revokeKey(context, id)),
    )
  addConnectionOptions(command)
}

async function revokeKey({ client, terminal }: CommandContext, id: string): Promise<void> {
  await client.revokeKey(id)
  terminal.out(`key ${id} is revoked\n`)
}
