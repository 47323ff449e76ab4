import type { ApiKey } from '../../domain/identity.ts'
import { may, type Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { ServerRooms } from '../server-rooms.ts'

/**
 * Ends a key: it opens nothing any more. Revoking it again changes nothing. Somebody else's key and none look the same to
 * anybody but an administrator: `key_not_found`.
 */
export async function revokeKey(rooms: ServerRooms, principal: Principal, keyId: string): Promise<ApiKey> {
  const key = await rooms.store.readKey(keyId)
  const own = key?.userId === principal.userId && (principal.agentId === null || principal.agentId === key.agentId)
  if (key === undefined || !(own || may(principal, 'administer'))) {
    throw new Refusal('key_not_found', 'There is no such key.')
  }
  if (key.revokedAt !== null) return key
  const revoked: ApiKey = { ...key, revokedAt: rooms.clock.now() }
  await rooms.store.commit({ write: [{ kind: 'save_key', key: revoked }] })
  return revoked
}
