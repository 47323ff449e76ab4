import type { Command } from 'commander'
import type { TeamView } from '../../../api/native/contract/identity.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { type Column, formatTable } from '../../format/format-table.ts'
import { addListOptions, type ListOptions, listQueryOf, printMore } from '../../list-options.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson, writeLines } from '../../write-lines.ts'

export function addTeamList(parent: Command, invocation: Invocation): void {
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
