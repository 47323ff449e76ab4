import { type Delivery, replay } from '../../domain/delivery.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { deliveryAt } from '../../store/commit.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { retryChanged } from '../retry-changed.ts'
import { readEndpointToChange } from '../webhooks/read-endpoint-for.ts'

/**
 * Delivers again what was delivered or given up, under the same id and from the start of the schedule; one that is pending is
 * tried at once. Where another of its task is just being tried it comes after that, and while its webhook is disabled it
 * waits. Refuses `webhook_not_found`, `delivery_not_found`, `role_forbidden`.
 */
export async function replayDelivery(
  deps: EngineDeps,
  principal: Principal,
  endpointId: string,
  deliveryId: string,
): Promise<Delivery> {
  await readEndpointToChange(deps, principal, endpointId)
  await retryChanged(async () => {
    const before = await readDeliveryOf(deps, endpointId, deliveryId)
    const outcome = await deps.store.commit({
      require: [deliveryAt(before)],
      write: [{ kind: 'save_delivery', delivery: replay(before, deps.clock.now()) }],
    })
    return outcome.committed ? true : undefined
  })
  deps.outbox.wake()
  return readDeliveryOf(deps, endpointId, deliveryId)
}

async function readDeliveryOf({ store }: EngineDeps, endpointId: string, id: string): Promise<Delivery> {
  const delivery = await store.readDelivery(id)
  if (delivery?.endpointId === endpointId) return delivery
  throw new Refusal('delivery_not_found', 'There is no such delivery.')
}
