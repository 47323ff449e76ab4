import type { KeyView } from '../api/native/contract/identity.ts'
import type { Client } from '../client/create-client.ts'
import { uuid } from './find-agent.ts'
import { listAll } from './list-all.ts'
import { UsageError } from './usage-error.ts'

/** The id of the key that a person means: by its id, how it begins, or its name where only one that is valid has it. */
export async function findKeyId(client: Client, word: string): Promise<string> {
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
