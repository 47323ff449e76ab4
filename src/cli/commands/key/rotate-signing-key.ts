import type { Command } from 'commander'
import type { ConnectionOptions } from '../../connection.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson } from '../../write-lines.ts'

interface RotateOptions extends ConnectionOptions {
  readonly json?: boolean
}

export function addRotateSigning(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('rotate-signing')
    .summary('sign with a new key from now on')
    .description('Signs statements with a new key from now on. What the key before has signed stays verifiable.')
    .option('--json', "print the server's answer")
    .action((options: RotateOptions) => withClient(invocation, options, (context) => rotate(context, options)))
  addConnectionOptions(command)
}

async function rotate({ client, terminal }: CommandContext, options: RotateOptions) {
  const rotated = await client.rotateSigningKey()
  if (options.json) return writeJson(terminal, rotated)
  const current = rotated.keys.at(-1)
  terminal.out(`${current?.key_id} signs from now on; its public key is ${current?.public_key}\n`)
}
