import type { Command } from 'commander'
import type { TeamView } from '../../../api/native/contract/identity.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { type Column, formatTable } from '../../format/format-table.ts'
import { oneLine } from '../../format/printable.ts'
import { addListOptions, type ListOptions, listQueryOf, printMore } from '../../lists.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson, writeLines } from '../../terminal.ts'

/** Adds the group `mandate team`. The server refuses its commands to everybody but administrators. */
export function addTeamCommands(parent: Command, invocation: Invocation): void {
  const group = parent
    .command('team')
    .summary('make teams and look at them')
    .description('Make teams and look at them.')
  addTeamCreate(group, invocation)
  addTeamList(group, invocation)
}

interface CreateTeamOptions extends ConnectionOptions {
  readonly webhookUrl?: string
  readonly defaultProvider?: string
  readonly defaultModel?: string
  readonly json?: boolean
}

function addTeamCreate(parent: Command, invocation: Invocation): void {
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
    webhook_url: options.webhookUrl,
    default_provider: options.defaultProvider,
    default_model: options.defaultModel,
  })
  if (options.json) writeJson(terminal, team)
  else terminal.out(`team ${oneLine(team.name)} ${team.id}\n`)
}

function addTeamList(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('list')
    .alias('ls')
    .summary('the teams')
    .description('Lists the teams; for administrators.')
    .action((options: ListOptions & ConnectionOptions) =>
      withClient(invocation, options, (context) => listTeams(context, options)),
    )
  addConnectionOptions(addListOptions(command))
}

async function listTeams({ client, terminal, paint }: CommandContext, options: ListOptions) {
  const page = await client.listTeams(listQueryOf(options))
  if (options.json) return writeJson(terminal, page)
  writeLines(terminal, formatTable(columns, page.teams, terminal))
  printMore(terminal, paint, page.next_cursor)
}

const columns: Column<TeamView>[] = [
  { title: 'name', cell: ({ name }) => name, charsMax: 30, shrinksTo: 12 },
  {
    title: 'default model',
    cell: ({ default_model, default_provider }) => default_model ?? default_provider ?? '',
    shrinksTo: 13,
    optional: true,
  },
  { title: 'webhook', cell: ({ webhook_url }) => webhook_url ?? '', charsMax: 60, shrinksTo: 12 },
  { title: 'id', cell: ({ id }) => id },
]
