import type { Delivery, DeliveryState } from '../../domain/delivery.ts'
import { may, type Principal } from '../../domain/principal.ts'
import type { Endpoint } from '../../domain/webhook.ts'
import type { PageRequest } from '../../store/store.ts'
import { readTaskFor } from '../access/read-task.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { readEndpointFor } from '../webhooks/read-endpoint-for.ts'

/**
 * Subscriptions and (for who reads everything) those of others and of teams, newest first. A key that is bound to an agent
 * sees those for that agent only.
 */
export async function listWebhooks(deps: EngineDeps, principal: Principal, page: PageRequest): Promise<Endpoint[]> {
  const { userId, agentId } = principal
  const endpoints = await deps.store.listEndpoints(may(principal, 'readAll') ? undefined : userId, page)
  return agentId === null ? endpoints : endpoints.filter((endpoint) => endpoint.agentId === agentId)
}

/** The webhook that a task was submitted with, where the caller may see it. Refuses `task_not_found`. */
export async function listTaskWebhooks(deps: EngineDeps, principal: Principal, taskId: string): Promise<Endpoint[]> {
  await readTaskFor(deps, principal, taskId)
  const endpoints = await deps.store.listTaskEndpoints(taskId)
  return endpoints.filter(({ ownerId }) => ownerId === principal.userId || may(principal, 'readAll'))
}

/** Newest first. Refuses `webhook_not_found`. */
export async function listDeliveries(
  deps: EngineDeps,
  principal: Principal,
  endpointId: string,
  state: DeliveryState | undefined,
  page: PageRequest,
): Promise<Delivery[]> {
  await readEndpointFor(deps, principal, endpointId)
  return deps.store.listDeliveries(endpointId, state, page)
}
