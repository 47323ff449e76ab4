import type { Command } from 'commander'
import type { SigningKeysView } from '../../../api/native/contract/signing-key.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { type Column, formatTable } from '../../format/format-table.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { writeJson, writeLines } from '../../terminal.ts'

interface ListSigningOptions extends ConnectionOptions {
  readonly json?: boolean
}

/** Adds `key list-signing`. It prints every public key that the server has signed with, the retired ones included. */
export function addListSigning(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('list-signing')
    .summary('the public keys that statements are signed with')
    .description('Lists the public keys that the server has ever signed with: what "verify --key" takes.')
    .option('--json', "print the server's answer")
    .action((options: ListSigningOptions) => withClient(invocation, options, (context) => list(context, options)))
  addConnectionOptions(command)
}

async function list({ client, terminal }: CommandContext, options: ListSigningOptions) {
  const answer = await client.listSigningKeys()
  if (options.json) return writeJson(terminal, answer)
  writeLines(terminal, formatTable(columns, answer.keys, terminal))
}

const columns: Column<SigningKeysView['keys'][number]>[] = [
  { title: 'key id', cell: ({ key_id }) => key_id },
  { title: 'public key', cell: ({ public_key }) => public_key, optional: true },
  { title: 'created', cell: ({ created_at }) => created_at.slice(0, 10) },
  { title: 'retired', cell: ({ retired_at }) => retired_at?.slice(0, 10) ?? 'it signs' },
]

interface RotateOptions extends ConnectionOptions {
  readonly json?: boolean
}

/** Adds `key rotate-signing`. Statements that were signed before stay verifiable with the retired key. */
export function addRotateSigning(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('rotate-signing')
    .summary('sign with a new key from now on')
    .description('Signs statements with a new key from now on. What the key before has signed stays verifiable.')
    .option('--json', "print the server's answer")
    .action((options: RotateOptions) => withClient(invocation, options, (context) => rotate(context, options)))
  addConnectionOptions(command)
}

async function rotate({ client, terminal }: CommandContext, options: RotateOptions) {
  const rotated = await client.rotateSigningKey()
  if (options.json) return writeJson(terminal, rotated)
  const current = rotated.keys.at(-1)
  terminal.out(`${current?.key_id} signs from now on; its public key is ${current?.public_key}\n`)
}
