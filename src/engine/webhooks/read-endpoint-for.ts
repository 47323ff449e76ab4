import { may, type Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { Endpoint } from '../../domain/webhook.ts'
import type { EngineDeps } from '../engine-deps.ts'

/**
 * Reads the endpoint, if this caller may see it: their own, or any for roles that read everything. Refuses
 * `webhook_not_found`, in the same words for none and for one of others.
 */
export async function readEndpointFor(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  id: string,
): Promise<Endpoint> {
  const endpoint = await deps.store.readEndpoint(id)
  const own = endpoint?.ownerId === principal.userId || may(principal, 'readAll')
  const bound = principal.agentId === null || principal.agentId === endpoint?.agentId
  if (endpoint === undefined || !own || !bound) {
    throw new Refusal('webhook_not_found', 'There is no such webhook.')
  }
  return endpoint
}

/** Reads the endpoint, if this caller may change it. Refuses `role_forbidden` to a caller who may only see it. */
export async function readEndpointToChange(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  id: string,
): Promise<Endpoint> {
  const endpoint = await readEndpointFor(deps, principal, id)
  const right = endpoint.ownerId === principal.userId ? 'submit' : 'administer'
  if (!may(principal, right)) {
    throw new Refusal('role_forbidden', 'This webhook can be read with this key, but not changed.')
  }
  return endpoint
}
