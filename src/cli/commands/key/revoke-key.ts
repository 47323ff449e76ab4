import type { Command } from 'commander'
import type { ConnectionOptions } from '../../connection.ts'
import { findKeyId } from '../../find-key.ts'
import { oneLine } from '../../format/printable.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'

export function addKeyRevoke(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('revoke')
    .summary('make a key worthless, for good')
    .description('Makes a key worthless, for good.')
    .argument('<key>', 'how it begins, as "key list" shows it, or its name or id')
    .action((word: string, options: ConnectionOptions) =>
      withClient(invocation, options, (context) => revokeKey(context, word)),
    )
  addConnectionOptions(command)
}

async function revokeKey({ client, terminal }: CommandContext, word: string): Promise<void> {
  await client.revokeKey(await findKeyId(client, word))
  terminal.out(`key ${oneLine(word)} is revoked\n`)
}
