import type { Command } from 'commander'
import type { UserView } from '../../../api/native/contract/identity.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { findTeamNames, type Names } from '../../find-names.ts'
import { type Column, formatTable } from '../../format/format-table.ts'
import { addListOptions, type ListOptions, listQueryOf, printMore } from '../../list-options.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson, writeLines } from '../../write-lines.ts'

export function addUserList(parent: Command, invocation: Invocation): void {
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
