import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import { started } from '../../../test/support/started.ts'
import { createRunTimekeeper } from './run-timekeeper.ts'

let world: EngineWorld
let stop: () => Promise<void>
afterEach(async () => {
  await stop()
  await world.close()
})

test('a run that stood in the queue for longer than it may fails with queue_timeout', async () => {
  world = await createEngineWorld({ limits: { queue_timeout_seconds: 60 } })
  const looks: number[] = []
  stop = started(createRunTimekeeper(world.deps, { polled: (failed) => looks.push(failed) }))
  const { run } = await world.submit() // the dispatcher was not started: nobody claims it
  const later = await world.submit({ notBefore: world.clock.now() + 30_000 })
  world.clock.advance(61_000) // looks after one second, and again after this
  await world.clock.until(() => looks.length === 1)
  world.clock.advance(1_000)
  await world.clock.until(() => looks.length === 2)
  expect(await world.store.readRun(run.id)).toMatchObject({ state: 'failed', error: { code: 'queue_timeout' } })
  expect(await world.store.readRun(later.run.id)).toMatchObject({ state: 'queued' })
  expect(looks).toEqual([0, 1])
})

test('idempotency keys are forgotten after their time', async () => {
  world = await createEngineWorld({ limits: { idempotency_hours: 1 } })
  const looks: number[] = []
  stop = started(createRunTimekeeper(world.deps, { polled: (failed) => looks.push(failed) }))
  await world.submit({ idempotency: { ownerId: 'user-1', key: 'k', requestDigest: 'd', createdAt: world.clock.now() } })
  expect(await world.store.readIdempotency('user-1', 'k')).toBeDefined()
  for (let look = 1; look <= 2; look += 1) {
    world.clock.advance(3_600_001)
    await world.clock.until(() => looks.length === look)
  }
  expect(await world.store.readIdempotency('user-1', 'k')).toBeUndefined()
})
