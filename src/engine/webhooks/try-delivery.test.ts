import { afterEach, expect, test } from 'vitest'
import {
  createEngineWorld,
  type EngineWorld,
  type EngineWorldOptions,
} from '../../../test/support/create-engine-world.ts'
import { openDeliveries } from '../../../test/support/open-deliveries.ts'
import { watchCommits } from '../../../test/support/watch-commits.ts'
import type { TryOutcome } from '../../domain/delivery.ts'
import { replayDelivery } from '../commands/replay-delivery.ts'
import { updateWebhook } from '../commands/update-webhook.ts'
import { recordTry, tryDelivery } from './try-delivery.ts'
import { type SendWebhook, WebhookSendError } from './webhook-deps.ts'

let world: EngineWorld
afterEach(() => world.close())

async function open(send: SendWebhook, options: EngineWorldOptions = {}) {
  world = await createEngineWorld({ ...options, send })
  const opened = await openDeliveries(world, ['run.queued'])
  const stop = new AbortController()
  return { ...opened, stop, attempt: () => tryDelivery(world.deps, opened.endpoint, opened.delivery, stop.signal) }
}

const answer =
  (status: number, retryAfter: string | null = null) =>
  async () => ({ status, retryAfter })
const fail = (error: Error) => () => Promise.reject(error)

test.each([
  [204, null],
  [302, 'answered 302: redirects are not followed'],
  [503, 'answered 503'],
])('an answer of %i is told as %o', async (status, error) => {
  const { attempt } = await open(answer(status))
  const now = world.clock.now()
  expect(await attempt()).toMatchObject({ at: now, endedAt: now, status, error, retryAfterMs: undefined })
  expect(world.clock.waiting).toBe(0)
})

test('what stood in the way of a request is told to the owner, and a fault of this server only to its operator', async () => {
  const { attempt } = await open(fail(new WebhookSendError('ECONNREFUSED')))
  expect(await attempt()).toMatchObject({ status: null, error: 'ECONNREFUSED' })
  expect(world.errors).toEqual([])
  Object.assign(world.deps.webhooks, { send: fail(new Error('a secret of the server')) })
  expect(await attempt()).toMatchObject({ status: null, error: 'the server could not make the request' })
  expect(world.errors).toMatchObject([{ facts: { err: { message: 'a secret of the server' } } }])
})

test('a delivery that can never be made is hopeless, and fails at its first try', async () => {
  const { attempt, delivery } = await open(answer(200), { limits: { webhook_body_bytes_max: 10 } })
  const outcome = await attempt()
  expect(outcome).toMatchObject({ status: null, hopeless: true })
  expect(await recordTry(world.deps, delivery, outcome)).toMatchObject({ state: 'failed', attempts: 1 })
})

test('a receiver that does not answer is cut off after its time, and a try that is aborted does not count', async () => {
  const signals: AbortSignal[] = []
  const { attempt, stop } = await open((_, signal) => {
    signals.push(signal)
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  })
  const late = attempt()
  await world.clock.until(() => signals.length === 1)
  world.clock.advance(14_999)
  expect(signals[0]?.aborted).toBe(false)
  world.clock.advance(1)
  expect(await late).toMatchObject({ status: null, error: 'no answer within 15000 ms' })
  const aborted = attempt()
  await world.clock.until(() => signals.length === 2)
  stop.abort(new Error('the server stops'))
  await expect(aborted).rejects.toThrow('the server stops')
  expect(world.clock.waiting).toBe(0)
})

/** The outcome of a try that was answered like this. */
function outcomeOf(status: number, retryAfterMs?: number): TryOutcome {
  const at = world.clock.now()
  return { at, endedAt: at, status, error: status < 300 ? null : `answered ${status}`, retryAfterMs }
}

test('a try is recorded with the wait that its receiver asked for, which holds the whole endpoint', async () => {
  const { delivery, endpoint } = await open(answer(200))
  const until = world.clock.now() + 7_200_000
  expect(await recordTry(world.deps, delivery, outcomeOf(429, 7_200_000))).toMatchObject({ nextAt: until, attempts: 1 })
  expect(await world.store.readEndpoint(endpoint.id)).toMatchObject({ holdUntil: until, state: 'active' })
})

test('a try without such a wish holds nobody else, and neither does one that was received', async () => {
  const { delivery, endpoint } = await open(answer(200))
  const failed = await recordTry(world.deps, delivery, outcomeOf(500))
  expect(failed).toMatchObject({ state: 'pending', attempts: 1 })
  if (failed === undefined) return
  expect(await recordTry(world.deps, failed, outcomeOf(200, 7_200_000))).toMatchObject({ state: 'delivered' })
  expect(await world.store.readEndpoint(endpoint.id)).toMatchObject({ holdUntil: 0 })
})

test('a delivery that was replayed in the meantime stays as it is, and so does its endpoint', async () => {
  const { delivery, endpoint } = await open(answer(200))
  await recordTry(world.deps, delivery, outcomeOf(500))
  const replayed = await replayDelivery(world.deps, world.owner, endpoint.id, delivery.id)
  for (const status of [200, 429, 410]) {
    const read = { ...replayed, attempts: 1 }
    expect(await recordTry(world.deps, read, outcomeOf(status, 1_000))).toBeUndefined()
  }
  expect(await world.store.readDelivery(delivery.id)).toEqual(replayed)
  expect(await world.store.readEndpoint(endpoint.id)).toEqual(endpoint)
})

test('an endpoint that is gone is disabled in the same commit, and gets no new promises', async () => {
  const { delivery, endpoint } = await open(answer(200))
  expect(await recordTry(world.deps, delivery, outcomeOf(410))).toMatchObject({ state: 'failed' })
  expect(await world.store.readEndpoint(endpoint.id)).toMatchObject({ state: 'disabled', disabledBecause: 'gone' })
  const { task } = await world.submit()
  expect(world.deps.outbox.promise(task, await world.events(task.id))).toEqual([])
})

test('an endpoint that its owner changed while it was disabled keeps the change and is disabled', async () => {
  let change: (() => Promise<unknown>) | undefined
  const { delivery, endpoint } = await open(answer(200), {
    wrapStore: (store) =>
      watchCommits(store, {
        async before() {
          const now = change
          change = undefined
          await now?.()
        },
      }),
  })
  const url = 'https://hooks.example.com/new'
  change = () => updateWebhook(world.deps, world.owner, endpoint.id, { url })
  expect(await recordTry(world.deps, delivery, outcomeOf(410))).toMatchObject({ state: 'failed' })
  expect(await world.store.readEndpoint(endpoint.id)).toMatchObject({ url, state: 'disabled' })
})
