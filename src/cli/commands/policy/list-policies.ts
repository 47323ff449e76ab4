import type { Command } from 'commander'
import type { PolicyList } from '../../../api/native/contract/policy.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { formatAge } from '../../format/format-amount.ts'
import { type Column, formatTable } from '../../format/format-table.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson, writeLines } from '../../terminal.ts'

interface ListPoliciesOptions extends ConnectionOptions {
  readonly json?: boolean
}

/** Adds `policy list`. It prints the newest version of each policy. */
export function addPolicyList(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('list')
    .alias('ls')
    .summary('the policies')
    .description('Lists the newest version of each policy.')
    .option('--json', "print the server's answer")
    .action((options: ListPoliciesOptions) =>
      withClient(invocation, options, (context) => listPolicies(context, options)),
    )
  addConnectionOptions(command)
}

async function listPolicies({ client, terminal, now }: CommandContext, options: ListPoliciesOptions) {
  const list = await client.listPolicies()
  if (options.json) return writeJson(terminal, list)
  writeLines(terminal, formatTable(columns(now()), list.policies, terminal))
}

const columns = (now: number): Column<PolicyList['policies'][number]>[] => [
  { title: 'policy', cell: ({ name }) => name, shrinksTo: 24 },
  { title: 'title', cell: ({ title }) => title, charsMax: 40, shrinksTo: 10, optional: true },
  { title: 'from', cell: ({ builtin }) => (builtin ? 'the server' : 'an operator') },
  { title: 'added', cell: ({ created_at }) => formatAge(now - Date.parse(created_at)) },
  { title: 'digest', cell: ({ digest }) => digest.slice(0, 19) },
]
