import type { Command } from 'commander'
import { type Dialect, dialects, type Role, roles } from '../../../domain/principal.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { oneLine } from '../../format/printable.ts'
import { findAgentId } from '../../names.ts'
import { parseWord } from '../../parse-options.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson } from '../../terminal.ts'

interface CreateKeyOptions extends ConnectionOptions {
  readonly role?: Role
  readonly dialect?: Dialect
  readonly user?: string
  readonly agent?: string
  readonly json?: boolean
}

/**
 * Adds `key create`. Standard output holds the new key and nothing else. The server keeps only a verifier, so that the
 * key cannot be shown again.
 */
export function addKeyCreate(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('create')
    .summary('make a key, shown once')
    .description('Makes a key. It is shown this once: the server keeps only what it needs to recognise it.')
    .argument('<name>', 'what it is for')
    .option('--role <role>', `what it may do: ${roles.join(', ')} (default: operator)`, parseWord('--role', roles))
    .option(
      '--dialect <dialect>',
      `the API it speaks: ${dialects.join(', ')} (default: native)`,
      parseWord('--dialect', dialects),
    )
    .option('--user <id>', 'whose key it is (default: yours)')
    .option('--agent <agent>', 'binds it to this agent, by name, number or id')
    .option('--json', "print the server's answer")
    .action((name: string, options: CreateKeyOptions) =>
      withClient(invocation, options, (context) => createKey(context, name, options)),
    )
  addConnectionOptions(command)
}

async function createKey({ client, terminal }: CommandContext, name: string, options: CreateKeyOptions) {
  const key = await client.createKey({
    name,
    role: options.role,
    dialect: options.dialect,
    user_id: options.user,
    agent_id: options.agent === undefined ? undefined : await findAgentId(client, options.agent),
  })
  if (options.json) return writeJson(terminal, key)
  // The key alone is on standard output, so that a script can keep it.
  terminal.err(`The ${key.role} key "${oneLine(key.name)}" (${key.dialect}) is made. Keep it: it is not shown again.\n`)
  terminal.out(`${key.key}\n`)
}
