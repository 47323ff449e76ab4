import type { Delivery, DeliveryState } from '../../domain/delivery.ts'
import { may, type Principal } from '../../domain/principal.ts'
import type { Endpoint } from '../../domain/webhook.ts'
import type { PageRequest } from '../../store/store.ts'
import { readTaskFor } from '../access/read-task.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { readEndpointFor } from '../webhooks/read-endpoint-for.ts'

/**
 * Lists subscriptions, newest first: the caller's own, and for roles that read everything those of others and of teams too. A
 * key that is bound to an agent sees those for that agent only.
 */
export async function listWebhooks(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  page: PageRequest,
): Promise<Endpoint[]> {
  const { userId, agentId } = principal
  const endpoints = await deps.store.listEndpoints(may(principal, 'readAll') ? undefined : userId, page)
  return agentId === null ? endpoints : endpoints.filter((endpoint) => endpoint.agentId === agentId)
}

/** Lists the webhook that a task was submitted with, where the caller may see it. Refuses `task_not_found`. */
export async function listTaskWebhooks(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  taskId: string,
): Promise<Endpoint[]> {
  await readTaskFor(deps, principal, taskId)
  const endpoints = await deps.store.listTaskEndpoints(taskId)
  return endpoints.filter(({ ownerId }) => ownerId === principal.userId || may(principal, 'readAll'))
}

/** Lists the deliveries of a webhook, newest first. Refuses `webhook_not_found`. */
export async function listDeliveries(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  endpointId: string,
  state: DeliveryState | undefined,
  page: PageRequest,
): Promise<Delivery[]> {
  await readEndpointFor(deps, principal, endpointId)
  return deps.store.listDeliveries(endpointId, state, page)
}
