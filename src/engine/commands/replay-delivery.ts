import { type Delivery, replay } from '../../domain/delivery.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { type Commit, deliveryAt, type IdempotentRequest } from '../../store/commit.ts'
import { commitOnce } from '../../store/commit-once.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { retryChanged } from '../retry-changed.ts'
import { readEndpointToChange } from '../webhooks/read-endpoint-for.ts'

/**
 * Delivers again what was delivered or given up, under the same id and from the start of the schedule; a pending delivery is
 * tried at once. It waits for a try of the same task that is under way, and while its webhook is disabled. Refuses
 * `webhook_not_found`, `delivery_not_found`, `role_forbidden`.
 */
export async function replayDelivery(
  deps: Pick<EngineDeps, 'clock' | 'outbox' | 'store'>,
  principal: Principal,
  endpointId: string,
  deliveryId: string,
  request?: IdempotentRequest,
): Promise<Delivery> {
  await readEndpointToChange(deps, principal, endpointId)
  const replayed = await retryChanged(async () => {
    const before = await readDeliveryOf(deps, endpointId, deliveryId)
    const delivery = replay(before, deps.clock.now())
    const commit: Commit = { require: [deliveryAt(before)], write: [{ kind: 'save_delivery', delivery }] }
    const outcome = await commitOnce(deps.store, commit, request, { made: delivery })
    return outcome.committed ? delivery : undefined
  })
  deps.outbox.wake()
  return request === undefined ? readDeliveryOf(deps, endpointId, deliveryId) : replayed
}

async function readDeliveryOf({ store }: Pick<EngineDeps, 'store'>, endpointId: string, id: string): Promise<Delivery> {
  const delivery = await store.readDelivery(id)
  if (delivery?.endpointId === endpointId) return delivery
  throw new Refusal('delivery_not_found', 'There is no such delivery.')
}
