import { may, type Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { SecretHolder } from '../../domain/webhook.ts'
import { readKeyToChange } from '../access/read-key.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { holderOf } from './webhook-secrets.ts'

/**
 * Whose webhook secret is meant by a key's id; `current` is the credential that is used. A key's own; for who may submit also
 * those of the keys that it may change. Refuses `key_not_found`, `role_forbidden`.
 */
export async function keySecretHolder(deps: EngineDeps, principal: Principal, keyId: string): Promise<SecretHolder> {
  if (keyId === 'current' || keyId === principal.keyId) return holderOf(principal)
  const key = await readKeyToChange(deps, principal, keyId)
  if (!may(principal, 'submit')) throw new Refusal('key_not_found', 'There is no such key.')
  return `key:${key.id}`
}
