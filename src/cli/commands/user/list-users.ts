import type { Command } from 'commander'
import type { UserView } from '../../../api/native/contract/identity.ts'
import type { ConnectionOptions } from '../../connection.ts'
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
  writeLines(terminal, formatTable(columns, page.users))
  printMore(terminal, paint, page.next_cursor)
}

const columns: Column<UserView>[] = [
  { title: 'name', cell: ({ name }) => name, charsMax: 30 },
  { title: 'email', cell: ({ email }) => email ?? '' },
  { title: 'default model', cell: ({ default_model, default_provider }) => default_model ?? default_provider ?? '' },
  { title: 'team', cell: ({ team_id }) => team_id ?? '' },
  { title: 'id', cell: ({ id }) => id },
]
