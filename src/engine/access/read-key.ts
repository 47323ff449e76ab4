import type { ApiKey } from '../../domain/identity.ts'
import { grantableRoles, may, type Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { EngineDeps } from '../engine-deps.ts'

/**
 * Reads the key, if the key of this caller may change it or its secret: itself, one of the same user that it could have made,
 * or any for administrators. The role of the caller's key counts, and not what its user could do with another one: a key that
 * may only read revokes no key that may do more. A key that is bound to an agent changes itself only. Refuses
 * `key_not_found`, for somebody else's key as for none, and `role_forbidden` for one of the same user that is above the
 * caller's.
 */
export async function readKeyToChange(
  { store }: Pick<EngineDeps, 'store'>,
  principal: Principal,
  keyId: string,
): Promise<ApiKey> {
  const key = await store.readKey(keyId)
  const itself = key !== undefined && key.id === principal.keyId
  const unbound = principal.agentId === null
  const ofSameUser = unbound && key?.userId === principal.userId
  if (key === undefined || !(itself || ofSameUser || (unbound && may(principal, 'administer')))) {
    throw new Refusal('key_not_found', 'There is no such key.')
  }
  if (!itself && !grantableRoles(principal).includes(key.role)) {
    throw new Refusal('role_forbidden', `The role ${principal.role} may not change keys with the role ${key.role}.`)
  }
  return key
}
