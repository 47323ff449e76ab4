import type { Command } from 'commander'
import type { UserView } from '../../../api/native/contract/identity.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { type Column, formatTable } from '../../format/format-table.ts'
import { oneLine } from '../../format/printable.ts'
import { addListOptions, type ListOptions, listQueryOf, printMore } from '../../lists.ts'
import { findTeamNames, type Names } from '../../names.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson, writeLines } from '../../terminal.ts'

/** Adds the group `mandate user`. The server refuses its commands to everybody but administrators. */
export function addUserCommands(parent: Command, invocation: Invocation): void {
  const group = parent
    .command('user')
    .summary('make users and look at them')
    .description('Make users and look at them.')
  addUserCreate(group, invocation)
  addUserList(group, invocation)
}

interface CreateUserOptions extends ConnectionOptions {
  readonly email?: string
  readonly team?: string
  readonly defaultProvider?: string
  readonly defaultModel?: string
  readonly json?: boolean
}

function addUserCreate(parent: Command, invocation: Invocation): void {
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
    email: options.email,
    team_id: options.team,
    default_provider: options.defaultProvider,
    default_model: options.defaultModel,
  })
  if (options.json) writeJson(terminal, user)
  else terminal.out(`user ${oneLine(user.name)} ${user.id}\n`)
}

function addUserList(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('list')
    .alias('ls')
    .summary('the users')
    .description('Lists the users; for administrators.')
    .action((options: ListOptions & ConnectionOptions) =>
      withClient(invocation, options, (context) => listUsers(context, options)),
    )
  addConnectionOptions(addListOptions(command))
}

async function listUsers({ client, terminal, paint }: CommandContext, options: ListOptions) {
  const page = await client.listUsers(listQueryOf(options))
  if (options.json) return writeJson(terminal, page)
  const isInTeam = page.users.some(({ team_id }) => team_id !== null)
  const teams: Names = isInTeam ? await findTeamNames(client) : new Map()
  writeLines(terminal, formatTable(columns(teams), page.users, terminal))
  printMore(terminal, paint, page.next_cursor)
}

const columns = (teams: Names): Column<UserView>[] => [
  { title: 'name', cell: ({ name }) => name, charsMax: 30, shrinksTo: 12 },
  { title: 'email', cell: ({ email }) => email ?? '', shrinksTo: 14 },
  { title: 'team', cell: ({ team_id }) => teams.get(team_id ?? '') ?? team_id ?? '', charsMax: 36, shrinksTo: 8 },
  {
    title: 'default model',
    cell: ({ default_model, default_provider }) => default_model ?? default_provider ?? '',
    optional: true,
  },
  { title: 'id', cell: ({ id }) => id },
]
