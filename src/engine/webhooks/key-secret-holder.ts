import { may, type Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { SecretHolder } from '../../domain/webhook.ts'
import { readKeyToChange } from '../access/read-key.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { holderOf } from './webhook-secrets.ts'

/**
 * Finds the holder of the webhook secret that a key's id means; `current` stands for the credential that is used. A key's own
 * secret is meant, or for callers who may submit also that of a key that they may change. Refuses `key_not_found`,
 * `role_forbidden`.
 */
export async function keySecretHolder(deps: EngineDeps, principal: Principal, keyId: string): Promise<SecretHolder> {
  if (keyId === 'current' || keyId === principal.keyId) return holderOf(principal)
  const key = await readKeyToChange(deps, principal, keyId)
  if (!may(principal, 'submit')) {
    throw new Refusal('role_forbidden', `The role ${principal.role} has the webhook secret of its own key only.`)
  }
  return `key:${key.id}`
}
