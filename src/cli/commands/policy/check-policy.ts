import type { Command } from 'commander'
import type { PolicyCheckView } from '../../../api/native/contract/policy.ts'
import { exitCodes } from '../../exit-codes.ts'
import { printable } from '../../format/printable.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson, writeLines } from '../../write-lines.ts'
import type { PolicyFileOptions } from './add-policy.ts'
import { readPolicyFiles } from './read-policy-files.ts'

export function addPolicyCheck(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('check')
    .summary('say what is wrong with a policy')
    .description('Says what is wrong with a policy, with its lines, and adds nothing. Ends with 1 where something is.')
    .argument('<file>', 'its document, as JSON')
    .option('--cedar <file>', 'its Cedar text (default: the file beside it that ends in .cedar)')
    .option('--json', "print the server's answer")
    .action((file: string, options: PolicyFileOptions) =>
      withClient(invocation, options, (context) => checkPolicy(context, file, options)),
    )
  addConnectionOptions(command)
}

async function checkPolicy({ client, terminal, paint }: CommandContext, file: string, options: PolicyFileOptions) {
  const check = await client.checkPolicy(await readPolicyFiles(file, options.cedar))
  const exitCode = check.ok ? exitCodes.succeeded : exitCodes.failed
  if (options.json) {
    writeJson(terminal, check)
    return exitCode
  }
  if (check.ok) terminal.out(`${paint('good', 'valid')}  policy ${check.name} ${check.digest}\n`)
  else writeLines(terminal, check.problems.flatMap(problemLines))
  return exitCode
}

/** `cedar:3:14  what is wrong`, the hint on a line of its own. */
function problemLines({ where, line, column, message, hint }: PolicyCheckView['problems'][number]): string[] {
  const told = `${where}:${line}:${column}  ${printable(message)}`
  return hint === null ? [told] : [told, `  ${printable(hint)}`]
}
