import type { ApiKey } from '../../domain/identity.ts'
import { may, type Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { PageRequest } from '../../store/store.ts'
import type { EngineDeps } from '../engine-deps.ts'

/**
 * Lists keys, the revoked ones too: the caller's own, or (for administrators) everybody's or one user's. A key that is bound
 * to an agent sees only itself. Refuses `role_forbidden` for somebody else's.
 */
export async function listKeys(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  userId: string | undefined,
  page: PageRequest,
): Promise<ApiKey[]> {
  if (principal.agentId !== null) {
    const own =
      principal.keyId === null || page.before !== undefined ? undefined : await deps.store.readKey(principal.keyId)
    return own === undefined ? [] : [own]
  }
  if (may(principal, 'administer')) return deps.store.listKeys(userId, page)
  if (userId !== undefined && userId !== principal.userId) {
    throw new Refusal('role_forbidden', 'Only administrators see the keys of somebody else.')
  }
  return deps.store.listKeys(principal.userId, page)
}
