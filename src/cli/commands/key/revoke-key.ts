import type { Command } from 'commander'
import type { KeyView } from '../../../api/native/contract/identity.ts'
import type { Client } from '../../../client/create-client.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { oneLine } from '../../format/printable.ts'
import { listAll } from '../../lists.ts'
import { uuid } from '../../names.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { UsageError } from '../../usage-error.ts'

/** Adds `key revoke`. A revoked key stays listed and is refused from then on. */
export function addKeyRevoke(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('revoke')
    .summary('make a key worthless, for good')
    .description('Makes a key worthless, for good.')
    .argument('<key>', 'how it begins, as "key list" shows it, or its name or id')
    .action((word: string, options: ConnectionOptions) =>
      withClient(invocation, options, (context) => revokeKey(context, word)),
    )
  addConnectionOptions(command)
}

async function revokeKey({ client, terminal }: CommandContext, word: string): Promise<void> {
  await client.revokeKey(await findKeyId(client, word))
  terminal.out(`key ${oneLine(word)} is revoked\n`)
}

/** The id of the key that a person means: by its id, how it begins, or its name where only one that is valid has it. */
async function findKeyId(client: Client, word: string): Promise<string> {
  if (uuid.test(word)) return word
  const keys: KeyView[] = await listAll((query) => client.listKeys(query), 'keys')
  const begun = keys.filter(({ prefix }) => prefix === word)
  const found = begun.length > 0 ? begun : keys.filter(({ name, revoked_at }) => name === word && revoked_at === null)
  const [key, other] = found
  if (key === undefined) throw new UsageError(`There is no key "${word}".`, 'key list')
  if (other !== undefined) {
    const prefixes = found.map(({ prefix }) => prefix).join(', ')
    throw new UsageError(`Several keys are named "${word}"; say which by how it begins: ${prefixes}.`)
  }
  return key.id
}
