import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { Principal } from '../../domain/principal.ts'
import { createWebhook } from './create-webhook.ts'
import { replayDelivery } from './replay-delivery.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await createEngineWorld()
})
afterEach(() => world.close())

/** A webhook to which something was promised. */
async function promised() {
  const request = { url: 'https://hooks.example.com/in', events: ['task.submitted'], agentId: null }
  const { endpoint } = await createWebhook(world.deps, world.owner, request)
  await world.submit()
  const [delivery] = await world.store.listDeliveries(endpoint.id, undefined, { limit: 10 })
  if (delivery === undefined) throw new Error('Nothing was promised.')
  return { endpoint, delivery }
}

test('a delivery that was given up is pending again, under the same id and from the start of the schedule', async () => {
  const { endpoint, delivery } = await promised()
  const gaveUp = { ...delivery, state: 'failed' as const, nextAt: null, attempts: 9, settledAt: 5 }
  await world.store.commit({ write: [{ kind: 'save_delivery', delivery: gaveUp }] })
  const replayed = await replayDelivery(world.deps, world.owner, endpoint.id, delivery.id)
  expect(replayed).toMatchObject({ id: delivery.id, state: 'pending', attempts: 0, nextAt: world.clock.now() })
  expect(await world.store.readDelivery(delivery.id)).toEqual(replayed)
})

test('a delivery of another webhook, or of none, is not there', async () => {
  const { endpoint } = await promised()
  const { delivery: elsewhere } = await promised()
  for (const id of [elsewhere.id, 'no-such-delivery']) {
    const replayed = replayDelivery(world.deps, world.owner, endpoint.id, id)
    await expect(replayed).rejects.toMatchObject({ code: 'delivery_not_found' })
  }
})

test('somebody else’s webhook is not there', async () => {
  const { endpoint, delivery } = await promised()
  const other: Principal = { ...world.owner, userId: 'user-2' }
  const replayed = replayDelivery(world.deps, other, endpoint.id, delivery.id)
  await expect(replayed).rejects.toMatchObject({ code: 'webhook_not_found' })
})
