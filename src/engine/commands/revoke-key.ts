import type { ApiKey } from '../../domain/identity.ts'
import type { Principal } from '../../domain/principal.ts'
import { readKeyToChange } from '../access/read-key.ts'
import type { EngineDeps } from '../engine-deps.ts'

/**
 * Revokes a key: it opens nothing from the commit on, and streams that it had opened are ended. A second request changes
 * nothing. Every key may revoke itself, and those of its user that it could have made; administrators revoke any. Refuses
 * `key_not_found`, `role_forbidden`.
 */
export async function revokeKey(deps: EngineDeps, principal: Principal, keyId: string): Promise<ApiKey> {
  const key = await readKeyToChange(deps, principal, keyId)
  if (key.revokedAt !== null) return key
  const revoked: ApiKey = { ...key, revokedAt: deps.clock.now() }
  await deps.store.commit({ write: [{ kind: 'save_key', key: revoked }] })
  return revoked
}
