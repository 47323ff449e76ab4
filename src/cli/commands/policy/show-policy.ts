import type { Command } from 'commander'
import type { ConnectionOptions } from '../../connection.ts'
import { printable } from '../../format/printable.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson, writeLines } from '../../terminal.ts'

interface ShowPolicyOptions extends ConnectionOptions {
  readonly json?: boolean
}

/** Adds `policy show`. It takes the name of a policy (its newest version) or the digest of any version. */
export function addPolicyShow(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('show')
    .summary('one policy, whole')
    .description('Shows one policy: its document and its Cedar text.')
    .argument('<name>', 'its name, or the digest of one version')
    .option('--json', "print the server's answer")
    .action((name: string, options: ShowPolicyOptions) =>
      withClient(invocation, options, (context) => showPolicy(context, name, options)),
    )
  addConnectionOptions(command)
}

async function showPolicy({ client, terminal, paint }: CommandContext, name: string, options: ShowPolicyOptions) {
  const policy = await client.readPolicy(name)
  if (options.json) return writeJson(terminal, policy)
  writeLines(terminal, [
    `${paint('heading', `policy ${printable(policy.name)}`)} ${policy.digest}`,
    '',
    paint('heading', 'document'),
    printable(JSON.stringify(policy.document, null, 2)),
    '',
    paint('heading', 'cedar'),
    printable(policy.cedar.trimEnd()),
  ])
}
