import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { readEndpointToChange } from '../webhooks/read-endpoint-for.ts'

/**
 * Deletes a webhook with its deliveries, pending ones too. A request that is under way may still arrive. Refuses
 * `webhook_not_found`, `role_forbidden`, and `invalid_input` for a team's webhook, which is deleted through the team's
 * `webhook_url`.
 */
export async function deleteWebhook(
  deps: Pick<EngineDeps, 'outbox' | 'store'>,
  principal: Principal,
  id: string,
): Promise<void> {
  const endpoint = await readEndpointToChange(deps, principal, id)
  if (endpoint.teamId !== null) {
    throw new Refusal('invalid_input', 'This webhook belongs to a team: set the webhook_url of the team to null.')
  }
  await deps.store.commit({ write: [{ kind: 'delete_endpoint', endpoint: id }] })
  deps.outbox.forget(id)
}
