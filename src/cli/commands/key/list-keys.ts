import type { Command } from 'commander'
import type { KeyView } from '../../../api/native/contract/identity.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { formatAge } from '../../format/format-amount.ts'
import { type Column, formatTable } from '../../format/format-table.ts'
import { addListOptions, type ListOptions, listQueryOf, printMore } from '../../lists.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson, writeLines } from '../../terminal.ts'

/**
 * Adds `key list`. It prints one page of keys by their prefix, the revoked ones included. The secret part is not kept
 * anywhere.
 */
export function addKeyList(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('list')
    .alias('ls')
    .summary('the keys')
    .description("Lists keys: yours, or everybody's for an administrator. What is secret in them is not kept.")
    .action((options: ListOptions & ConnectionOptions) =>
      withClient(invocation, options, (context) => listKeys(context, options)),
    )
  addConnectionOptions(addListOptions(command))
}

async function listKeys({ client, terminal, now, paint }: CommandContext, options: ListOptions) {
  const page = await client.listKeys(listQueryOf(options))
  if (options.json) return writeJson(terminal, page)
  writeLines(terminal, formatTable(columns(now()), page.keys, terminal))
  printMore(terminal, paint, page.next_cursor)
}

const columns = (now: number): Column<KeyView>[] => [
  { title: 'name', cell: ({ name }) => name, charsMax: 30, shrinksTo: 12 },
  { title: 'prefix', cell: ({ prefix }) => prefix },
  { title: 'role', cell: ({ role }) => role },
  { title: 'dialect', cell: ({ dialect }) => dialect },
  { title: 'created', cell: ({ created_at }) => formatAge(now - Date.parse(created_at)) },
  { title: 'state', cell: ({ revoked_at }) => (revoked_at === null ? 'valid' : 'revoked') },
  { title: 'id', cell: ({ id }) => id, optional: true },
]
