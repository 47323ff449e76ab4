import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { ServerRooms } from '../server-rooms.ts'
import { readEndpointToChange } from '../webhooks/read-endpoint-for.ts'

/**
 * Deletes a webhook with its deliveries, pending ones too. A request that is under way may still arrive.
 * Refuses `webhook_not_found`, `role_forbidden`, and `invalid_input` for a team's: that one goes with the team's `webhook_url`.
 */
export async function deleteWebhook(rooms: ServerRooms, principal: Principal, id: string): Promise<void> {
  const endpoint = await readEndpointToChange(rooms, principal, id)
  if (endpoint.teamId !== null) {
    throw new Refusal('invalid_input', 'This webhook belongs to a team: set the webhook_url of the team to null.')
  }
  await rooms.store.commit({ write: [{ kind: 'delete_endpoint', endpoint: id }] })
  rooms.outbox.forget(id)
}
