import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { PolicyCheckView, PolicyTextsBody } from '../../../api/native/contract/policy.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { exitCodes } from '../../exit-codes.ts'
import { printable } from '../../format/printable.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson, writeLines } from '../../terminal.ts'
import { UsageError } from '../../usage-error.ts'

/** The parsed options of the commands that read a policy from its two files. */
interface PolicyFileOptions extends ConnectionOptions {
  readonly cedar?: string
  readonly json?: boolean
}

/** Adds `policy add`. It adds a version of the policy; runs that are queued from then on are decided by it. */
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

/** Adds `policy check`. It adds nothing to the server, and ends with exit code 1 where the policy has a problem. */
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
  const problem = `${where}:${line}:${column}  ${printable(message)}`
  return hint === null ? [problem] : [problem, `  ${printable(hint)}`]
}

/** The two texts of a policy; unless it is named, the Cedar text is the file beside the document: `mine.json`, `mine.cedar`. */
export async function readPolicyFiles(document: string, cedar: string | undefined): Promise<PolicyTextsBody> {
  const beside = document.replace(/\.json$/iu, '.cedar')
  if (cedar === undefined && beside === document) {
    throw new UsageError(`${document} does not end in .json: give the file of its Cedar text by --cedar.`)
  }
  return { document: await read(document), cedar: await read(cedar ?? beside) }
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') throw new UsageError(`${path}: there is no such file.`)
    if (code === 'EISDIR') throw new UsageError(`${path} is a folder.`)
    throw error
  }
}
