import { may, type Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { SecretHolder } from '../../domain/webhook.ts'
import type { ServerRooms } from '../server-rooms.ts'
import { holderOf } from './webhook-secrets.ts'

/**
 * Whose webhook secret is meant by a key's id; `current` is the credential that is used. A key's own, the caller's other
 * keys' for who may submit, and any for administrators; absent and not theirs look the same: `key_not_found`.
 */
export async function keySecretHolder(rooms: ServerRooms, principal: Principal, keyId: string): Promise<SecretHolder> {
  if (keyId === 'current' || keyId === principal.keyId) return holderOf(principal)
  const key = await rooms.store.readKey(keyId)
  const own = key?.userId === principal.userId && principal.agentId === null && may(principal, 'submit')
  if (key === undefined || !(own || (may(principal, 'administer') && principal.agentId === null))) {
    throw new Refusal('key_not_found', 'There is no such key.')
  }
  return `key:${key.id}`
}
