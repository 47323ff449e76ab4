import type { Command } from 'commander'
import type { ConnectionOptions } from '../../connection.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson } from '../../write-lines.ts'
import { readPolicyFiles } from './read-policy-files.ts'

export interface PolicyFileOptions extends ConnectionOptions {
  readonly cedar?: string
  readonly json?: boolean
}

export function addPolicyAdd(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('add')
    .summary('add a policy, or a new version of one')
    .description('Adds a policy, or a new version of one: runs that are queued from then on are under it.')
    .argument('<file>', 'its document, as JSON')
    .option('--cedar <file>', 'its Cedar text (default: the file beside it that ends in .cedar)')
    .option('--json', "print the server's answer")
    .action((file: string, options: PolicyFileOptions) =>
      withClient(invocation, options, (context) => addPolicy(context, file, options)),
    )
  addConnectionOptions(command)
}

async function addPolicy({ client, terminal }: CommandContext, file: string, options: PolicyFileOptions) {
  const policy = await client.addPolicy(await readPolicyFiles(file, options.cedar))
  if (options.json) return writeJson(terminal, policy)
  terminal.out(`policy ${policy.name} ${policy.digest}\n`)
}
