import type { Command } from 'commander'
import type { ConnectionOptions } from '../../connection.ts'
import { oneLine } from '../../format/printable.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson } from '../../write-lines.ts'

interface CreateTeamOptions extends ConnectionOptions {
  readonly webhookUrl?: string
  readonly defaultProvider?: string
  readonly defaultModel?: string
  readonly json?: boolean
}

export function addTeamCreate(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('create')
    .summary('make a team')
    .description('Makes a team; for administrators. Its members see what is made visible to it.')
    .argument('<name>', 'its name')
    .option('--webhook-url <address>', 'where its events go')
    .option('--default-provider <name>', 'the provider where nothing else is asked for')
    .option('--default-model <name>', 'the model where nothing else is asked for')
    .option('--json', "print the server's answer")
    .action((name: string, options: CreateTeamOptions) =>
      withClient(invocation, options, (context) => createTeam(context, name, options)),
    )
  addConnectionOptions(command)
}

async function createTeam({ client, terminal }: CommandContext, name: string, options: CreateTeamOptions) {
  const team = await client.createTeam({
    name,
    ...(options.webhookUrl !== undefined && { webhook_url: options.webhookUrl }),
    ...(options.defaultProvider !== undefined && { default_provider: options.defaultProvider }),
    ...(options.defaultModel !== undefined && { default_model: options.defaultModel }),
  })
  if (options.json) writeJson(terminal, team)
  else terminal.out(`team ${oneLine(team.name)} ${team.id}\n`)
}
