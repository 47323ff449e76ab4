import { afterAll, beforeAll, expect, test } from 'vitest'
import { feedEndpoints } from './feed-endpoints.ts'
import { feedRuns } from './feed-runs.ts'
import { type LoopWorld, loopLimitMs, openLoopWorld } from './open-loop-world.ts'
import { policies } from './request-inputs.ts'

// A small part of loop-delay.long.test.ts: one input of each kind, and a generous limit, since other tests run beside it.

let world: LoopWorld
let limitMs: number
beforeAll(async () => {
  world = await openLoopWorld()
  limitMs = loopLimitMs() * 3
})
afterAll(() => world.close())

test.each([
  ['native POST /v1/tasks', ['a million names', 'one large file']],
  ['native POST /v1/policies/check', ['mistakes', 'many rules', 'empty lists']],
  ['native POST /v1/policies/what-if', ['patterns over the arguments', 'underscores as keywords']],
  ['native POST /v1/agents', ['the path rule *a*a*a*a*a*a']],
  ['certior POST /api/v1/tasks', ['brackets', 'escapes']],
])('%s is not held up by %j', async (endpoint, names) => {
  const fed: string[] = []
  const wanted = (one: string, name: string) => {
    const isWanted = one === endpoint && names.includes(name)
    if (isWanted) fed.push(name)
    return isWanted
  }
  expect(await feedEndpoints(world, limitMs, {}, wanted)).toEqual({})
  expect(fed.sort()).toEqual([...names].sort())
})

test.each([
  'a stream of thousands of calls in one event',
  'arguments of 1048576 tokens',
  'a result of 1048576 one name again and again',
  'a thousand keywords on 1000 characters',
  'the path rule *a*a*a*a*a*a*a*a*a*a',
])('a run is not held up by %s', async (wanted) => {
  let fed = 0
  const breaches = await feedRuns(world, limitMs, (name) => {
    if (name === wanted) fed += 1
    return name === wanted
  })
  expect(breaches).toEqual({})
  expect(fed).toBe(1)
})

test('a server whose workers are busy answers, hears that it is to stop, and does', async () => {
  const busy = await openLoopWorld({ env: { MANDATE_WORKER_TIMEOUT_MS: '600000' } })
  try {
    const hostile = policies.find(({ name }) => name === 'patterns over the arguments')?.body?.() ?? ''
    const checks = Array.from({ length: 4 }, () => busy.send('POST', '/v1/policies/check', hostile).catch(() => 0))
    expect(await busy.send('GET', '/v1/health')).toBe(200)
    expect(await busy.server.stop('SIGTERM')).toBe(0)
    await Promise.all(checks)
  } finally {
    await busy.close()
  }
})
