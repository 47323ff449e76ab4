import { afterAll, beforeAll, expect, test } from 'vitest'
import { feedEndpoints } from './feed-endpoints.ts'
import { feedRuns } from './feed-runs.ts'
import { type LoopWorld, leastHeldMs, loopLimitMs, openLoopWorld } from './open-loop-world.ts'
import { readTogether } from './read-together.ts'
import { manyCalls } from './run-inputs.ts'
import { runToEnd } from './run-to-end.ts'

let world: LoopWorld
let limitMs: number
beforeAll(async () => {
  world = await openLoopWorld()
  limitMs = loopLimitMs()
})
afterAll(() => world.close())

test('no request to any endpoint holds the loop for longer than the limit', async () => {
  const id = await runToEnd(world, { name: 'a first run', answers: [] }, { input: 'go' })
  expect(await feedEndpoints(world, limitMs, { id, taskId: id, task_id: id })).toEqual({})
})

test('nothing that a provider, a result, an argument, a policy or a path rule holds does so in a run', async () => {
  expect(await feedRuns(world, limitMs)).toEqual({})
})

test('a journal of tens of thousands of events is written and read by ten at once without holding the loop', async () => {
  const answers = Array.from({ length: 20 }, () => manyCalls(900))
  let id = ''
  const writing = await leastHeldMs(world, limitMs, async () => {
    id = await runToEnd(world, { name: 'a long journal', answers }, { input: 'go' })
  })
  expect(writing).toBeLessThanOrEqual(limitMs)
  const events: number[] = []
  const reading = await leastHeldMs(world, limitMs, async () => {
    events.push(...(await readTogether(world, id, 10)))
  })
  for (const count of events) expect(count).toBeGreaterThan(35_000)
  expect(reading).toBeLessThanOrEqual(limitMs)
  const exporting = await leastHeldMs(world, limitMs, async () => {
    for (const path of ['', '?contents=false', '?format=pdf']) await world.send('GET', `/v1/tasks/${id}/audit${path}`)
  })
  expect(exporting).toBeLessThanOrEqual(limitMs)
})
