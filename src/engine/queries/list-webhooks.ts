import type { Delivery, DeliveryState } from '../../domain/delivery.ts'
import { may, type Principal } from '../../domain/principal.ts'
import type { Endpoint } from '../../domain/webhook.ts'
import type { PageRequest } from '../../store/store.ts'
import { readTaskFor } from '../read-task-for.ts'
import type { ServerRooms } from '../server-rooms.ts'
import { readEndpointFor } from '../webhooks/read-endpoint-for.ts'

/**
 * Subscriptions and (for who reads everything) those of others and of teams, newest first. A key that is bound to an agent
 * sees those for that agent only.
 */
export async function listWebhooks(rooms: ServerRooms, principal: Principal, page: PageRequest): Promise<Endpoint[]> {
  const { userId, agentId } = principal
  const endpoints = await rooms.store.listEndpoints(may(principal, 'readAll') ? undefined : userId, page)
  return agentId === null ? endpoints : endpoints.filter((endpoint) => endpoint.agentId === agentId)
}

/** The webhook that a task was submitted with, where the caller may see it. Refuses `task_not_found`. */
export async function listTaskWebhooks(rooms: ServerRooms, principal: Principal, taskId: string): Promise<Endpoint[]> {
  await readTaskFor(rooms, principal, taskId)
  const endpoints = await rooms.store.listTaskEndpoints(taskId)
  return endpoints.filter(({ ownerId }) => ownerId === principal.userId || may(principal, 'readAll'))
}

/** Newest first. Refuses `webhook_not_found`. */
export async function listDeliveries(
  rooms: ServerRooms,
  principal: Principal,
  endpointId: string,
  state: DeliveryState | undefined,
  page: PageRequest,
): Promise<Delivery[]> {
  await readEndpointFor(rooms, principal, endpointId)
  return rooms.store.listDeliveries(endpointId, state, page)
}
