import type { Command } from 'commander'
import type { ConnectionOptions } from '../../connection.ts'
import { oneLine } from '../../format/printable.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson } from '../../write-lines.ts'

interface CreateUserOptions extends ConnectionOptions {
  readonly email?: string
  readonly team?: string
  readonly defaultProvider?: string
  readonly defaultModel?: string
  readonly json?: boolean
}

export function addUserCreate(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('create')
    .summary('make a user')
    .description('Makes a user; for administrators. "key create --user" gives them a key.')
    .argument('<name>', 'their name')
    .option('--email <address>', 'their address')
    .option('--team <id>', 'their team')
    .option('--default-provider <name>', 'the provider where nothing else is asked for')
    .option('--default-model <name>', 'the model where nothing else is asked for')
    .option('--json', "print the server's answer")
    .action((name: string, options: CreateUserOptions) =>
      withClient(invocation, options, (context) => createUser(context, name, options)),
    )
  addConnectionOptions(command)
}

async function createUser({ client, terminal }: CommandContext, name: string, options: CreateUserOptions) {
  const user = await client.createUser({
    name,
    ...(options.email !== undefined && { email: options.email }),
    ...(options.team !== undefined && { team_id: options.team }),
    ...(options.defaultProvider !== undefined && { default_provider: options.defaultProvider }),
    ...(options.defaultModel !== undefined && { default_model: options.defaultModel }),
  })
  if (options.json) writeJson(terminal, user)
  else terminal.out(`user ${oneLine(user.name)} ${user.id}\n`)
}
