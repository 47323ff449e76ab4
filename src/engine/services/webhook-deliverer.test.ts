import { afterEach, describe, expect, test } from 'vitest'
import { type CollectingReceiver, createCollectingReceiver } from '../../../test/support/collecting-receiver.ts'
import type { EngineWorldOptions } from '../../../test/support/create-engine-world.ts'
import { openDeliveryWorld } from '../../../test/support/open-delivery-world.ts'
import { until } from '../../../test/support/until.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { Store } from '../../store/store.ts'
import { createWebhook } from '../commands/create-webhook.ts'
import { deleteWebhook } from '../commands/delete-webhook.ts'
import { replayDelivery } from '../commands/replay-delivery.ts'
import { updateWebhook } from '../commands/update-webhook.ts'
import { WebhookSendError } from '../webhooks/webhook-deps.ts'

const minute = 60_000
const hour = 60 * minute

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const createDeliveryWorld = (receiver: CollectingReceiver, options?: EngineWorldOptions) =>
  openDeliveryWorld(cleanups, receiver, options)

const seqs = (received: CollectingReceiver['taken'], task: string) =>
  received.filter((one) => one.task === task).map(({ seq }) => seq)
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

describe('a subscription', () => {
  test('gets every event it wants, once, in order', async () => {
    const receiver = createCollectingReceiver()
    const world = await createDeliveryWorld(receiver)
    world.start()
    await world.deps.dispatcher.start()
    await world.subscribe()
    const task = await world.finish()
    const all = await world.events(task)
    await world.clock.until(() => receiver.taken.length === all.length)
    expect(receiver.received.map(({ seq, type }) => [seq, type])).toEqual(all.map(({ seq, kind }) => [seq, kind]))
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(all.length)
  })

  test('gets only what it asked for, of its owner alone', async () => {
    const receiver = createCollectingReceiver()
    const world = await createDeliveryWorld(receiver)
    world.start()
    await world.deps.dispatcher.start()
    await createWebhook(
      world.deps,
      { ...world.owner, userId: 'user-2' },
      {
        url: 'https://other.example.com',
        events: ['*'],
        agentId: null,
      },
    )
    await world.subscribe(['run.succeeded', 'task.*'])
    await world.finish()
    await world.clock.until(() => receiver.taken.length === 2)
    expect(receiver.received.map(({ type }) => type)).toEqual(['task.submitted', 'run.succeeded'])
    expect(receiver.received.every(({ request }) => request.url === 'https://hooks.example.com/in')).toBe(true)
  })

  test('that does not exist costs no statement and no write', async () => {
    const world = await createDeliveryWorld(createCollectingReceiver())
    const { task } = await world.submit()
    expect(task.webhook).toBeNull()
    expect(world.deps.outbox.promise(task, await world.events(task.id))).toEqual([])
  })
})

describe("a task's own webhook", () => {
  test('is called when its run ends, signed with the secret of the key that submitted it', async () => {
    const receiver = createCollectingReceiver()
    const world = await createDeliveryWorld(receiver)
    world.start()
    await world.deps.dispatcher.start()
    const url = 'https://me.example.com/done'
    const task = await world.finish({ webhook: { url, format: 'standard' } })
    await world.finish()
    await world.clock.until(() => receiver.taken.length === 1)
    expect(receiver.received.map(({ type }) => type)).toEqual(['run.succeeded'])
    expect(receiver.received[0]).toMatchObject({ task, request: { url } })
    const [endpoint] = await world.store.listTaskEndpoints(task)
    expect(endpoint).toMatchObject({ taskId: task, secretHolder: 'user:user-1' })
    expect((await world.store.readSnapshot(task))?.task.webhook?.endpoint).toBe(endpoint?.id)
  })

  test('is refused for a URL that nothing could be sent to', async () => {
    const world = await createDeliveryWorld(createCollectingReceiver())
    for (const url of [
      'ftp://example.com',
      'https://user:secret@example.com',
      'nonsense',
      'http://169.254.169.254/x',
    ]) {
      const submitted = world.submit({ webhook: { url, format: 'standard' } })
      await expect(submitted).rejects.toMatchObject({ code: 'invalid_input', fields: [{ field: 'webhook_url' }] })
    }
  })
})

describe('a receiver that fails', () => {
  test('is tried again on the schedule, under the same id, and holds back only its own task', async () => {
    const receiver = createCollectingReceiver()
    const world = await createDeliveryWorld(receiver)
    await world.deps.dispatcher.start()
    await world.subscribe()
    const failing = await world.finish()
    const other = await world.finish()
    receiver.answer = ({ task }) => (task === failing ? 500 : 200)
    world.start()
    const count = (await world.events(other)).length
    await world.clock.until(
      () => seqs(receiver.taken, other).length === count && seqs(receiver.received, failing).length === 1,
    )
    expect(seqs(receiver.taken, other)).toEqual(upTo(count))
    await world.advanceUntil(() => seqs(receiver.received, failing).length === 2, 1_000)
    expect(seqs(receiver.received, failing)).toEqual([1, 1])
    receiver.answer = () => 200
    await world.advanceUntil(() => seqs(receiver.taken, failing).length === count, minute)
    expect(seqs(receiver.taken, failing)).toEqual(upTo(count))
    const first = receiver.received.filter(({ task, seq }) => task === failing && seq === 1)
    expect(first).toHaveLength(3)
    expect(new Set(first.map(({ id }) => id)).size).toBe(1)
  })

  test('loses nothing by being down for a day', async () => {
    const receiver = createCollectingReceiver(() => {
      throw new WebhookSendError('ECONNREFUSED')
    })
    const world = await createDeliveryWorld(receiver)
    world.start()
    await world.deps.dispatcher.start()
    await world.subscribe()
    const tasks = [await world.finish(), await world.finish(), await world.finish()]
    const downUntil = world.clock.now() + 24 * hour
    await world.advanceUntil(() => world.clock.now() >= downUntil, 10 * minute)
    expect(receiver.taken).toEqual([])
    receiver.answer = () => 200
    const counts = await Promise.all(tasks.map(async (task) => (await world.events(task)).length))
    const total = counts.reduce((sum, count) => sum + count, 0)
    await world.advanceUntil(() => receiver.taken.length === total, 10 * minute)
    for (const [index, task] of tasks.entries()) expect(seqs(receiver.taken, task)).toEqual(upTo(counts[index] ?? 0))
  })

  test('is given up after ten tries, and what comes after it is delivered', async () => {
    const receiver = createCollectingReceiver(({ type }) => (type === 'task.submitted' ? 503 : 200))
    const world = await createDeliveryWorld(receiver)
    world.start()
    await world.deps.dispatcher.start()
    const { endpoint } = await world.subscribe(['task.submitted', 'run.succeeded'])
    await world.finish()
    await world.advanceUntil(() => receiver.taken.length === 1, 10 * minute)
    expect(receiver.received.filter(({ type }) => type === 'task.submitted')).toHaveLength(10)
    const listed = await world.store.listDeliveries(endpoint.id, 'failed', { limit: 10 })
    expect(listed).toMatchObject([{ kind: 'task.submitted', attempts: 10 }])
    expect(listed[0]?.tries.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 503))
  })

  test('by not answering is cut after its time', async () => {
    const receiver = createCollectingReceiver(() => new Promise(() => undefined))
    const world = await createDeliveryWorld(receiver)
    world.start()
    await world.subscribe(['task.submitted'])
    await world.submit()
    await world.clock.until(() => receiver.received.length === 1)
    world.clock.advance(15_000)
    await world.clock.until(() => world.tried.length === 1)
    const error = 'no answer within 15000 ms'
    expect(world.tried[0]).toMatchObject({ state: 'pending', attempts: 1, tries: [{ status: null, error }] })
  })
})

describe('what a receiver asks for', () => {
  test('Retry-After delays everything for its webhook, and nothing for another', async () => {
    const receiver = createCollectingReceiver(({ request }) =>
      request.url.includes('slow') ? { status: 429, retryAfter: '7200' } : 200,
    )
    const world = await createDeliveryWorld(receiver)
    world.start()
    await world.subscribe(['task.submitted'], 'https://hooks.example.com/slow')
    await world.subscribe(['task.submitted'], 'https://hooks.example.com/fast')
    const asked = world.clock.now()
    await world.submit()
    await world.clock.until(() => world.tried.length === 2)
    await world.submit()
    await world.clock.until(() => receiver.taken.length === 2)
    const slow = () => receiver.received.filter(({ request }) => request.url.includes('slow'))
    await world.advanceUntil(() => world.clock.now() >= asked + 2 * hour - 2_000, minute / 2)
    expect(slow()).toHaveLength(1)
    receiver.answer = () => 200
    await world.advanceUntil(() => slow().length === 3, 1_000)
    expect(world.clock.now() - asked).toBeGreaterThanOrEqual(2 * hour)
  })

  test('410 disables its webhook: nothing more is sent until it is enabled, then what was pending is', async () => {
    const receiver = createCollectingReceiver(() => 410)
    const world = await createDeliveryWorld(receiver)
    world.start()
    const { endpoint } = await world.subscribe(['task.submitted', 'run.queued'])
    const { task } = await world.submit()
    await world.clock.until(() => world.tried.length === 1)
    expect(await world.store.readEndpoint(endpoint.id)).toMatchObject({ state: 'disabled', disabledBecause: 'gone' })
    const meanwhile = await world.submit()
    expect(await world.store.listReceivers()).toEqual([])
    receiver.answer = () => 200
    await updateWebhook(world.deps, world.owner, endpoint.id, { state: 'active' })
    await world.advanceUntil(() => receiver.taken.length === 1, 1_000)
    expect(seqs(receiver.taken, task.id)).toEqual([3])
    const after = await world.submit()
    await world.clock.until(() => receiver.taken.length === 3)
    expect(seqs(receiver.taken, after.task.id)).toEqual([1, 3])
    expect(seqs(receiver.received, meanwhile.task.id)).toEqual([])
  })

  test('a redirect is not followed and counts as a failure', async () => {
    const receiver = createCollectingReceiver(() => 302)
    const world = await createDeliveryWorld(receiver)
    world.start()
    await world.subscribe(['task.submitted'])
    await world.submit()
    await world.clock.until(() => world.tried.length === 1)
    expect(world.tried[0]).toMatchObject({ state: 'pending', tries: [{ status: 302 }] })
  })
})

describe('a process that dies', () => {
  test('between an answer and its record makes the delivery again, under the same id; what was recorded stays', async () => {
    const answered = Promise.withResolvers<void>()
    const receiver = createCollectingReceiver(({ seq }) => {
      if (seq !== 2) return 200
      answered.resolve()
      return new Promise(() => undefined)
    })
    const first = await createDeliveryWorld(receiver)
    first.start()
    await first.subscribe(['task.*', 'message.*', 'run.queued'])
    const { task } = await first.submit()
    await answered.promise
    await first.stopDelivering()
    receiver.answer = () => 200
    const second = await createDeliveryWorld(receiver, { beside: first })
    second.start()
    await second.clock.until(() => receiver.taken.length === 3)
    expect(seqs(receiver.received, task.id)).toEqual([1, 2, 2, 3])
    const [, before, again] = receiver.received
    expect(again?.id).toBe(before?.id)
  })

  test('knows its subscriptions again at the next start', async () => {
    const receiver = createCollectingReceiver()
    const first = await createDeliveryWorld(receiver)
    await first.subscribe(['task.submitted'])
    const second = await createDeliveryWorld(receiver, { beside: first })
    second.start()
    await second.submit()
    await second.clock.until(() => receiver.taken.length === 1)
  })

  test('on an ill disk waits with the record and does not send again', async () => {
    const receiver = createCollectingReceiver()
    const world = await createDeliveryWorld(receiver)
    let ill = 3
    const store: Store = {
      ...world.store,
      commit(commit) {
        const isRecord = commit.write.some(({ kind }) => kind === 'save_delivery')
        if (!isRecord || ill === 0) return world.store.commit(commit)
        ill -= 1
        return Promise.reject(new Refusal('storage_unavailable', 'The disk is full.', { retryAfterMs: 1_000 }))
      },
    }
    world.start({ ...world.deps, store })
    await world.subscribe(['task.submitted'])
    await world.submit()
    await world.advanceUntil(() => world.tried.length === 1, 1_000)
    expect(ill).toBe(0)
    expect(receiver.received).toHaveLength(1)
    expect(world.tried[0]).toMatchObject({ state: 'delivered' })
  })
})

describe('what is under way', () => {
  test('is bounded for each receiver and in all, and a slow receiver holds up nobody else', async () => {
    let slowHangs = false
    const receiver = createCollectingReceiver(({ request }) =>
      slowHangs && request.url.includes('slow') ? new Promise(() => undefined) : 200,
    )
    const limits = { webhook_deliveries_per_receiver_max: 3, webhook_deliveries_running_max: 4 }
    const world = await createDeliveryWorld(receiver, { limits })
    world.start()
    await world.subscribe(['task.submitted'], 'https://slow.example.com')
    await world.subscribe(['task.submitted'], 'https://fast.example.com')
    await world.submit()
    await world.clock.until(() => receiver.taken.length === 2)
    slowHangs = true
    for (let count = 0; count < 10; count += 1) await world.submit()
    await world.clock.until(() => receiver.taken.length === 12)
    expect(receiver.received.filter(({ request }) => request.url.includes('slow'))).toHaveLength(1 + 3)
  })

  test('is not recorded when its webhook is deleted or it is replayed meanwhile', async () => {
    const answer = Promise.withResolvers<{ status: number; retryAfter: null }>()
    const receiver = createCollectingReceiver(() => answer.promise)
    const world = await createDeliveryWorld(receiver)
    world.start()
    const { endpoint } = await world.subscribe(['task.submitted'])
    await world.submit()
    await world.clock.until(() => receiver.received.length === 1)
    await deleteWebhook(world.deps, world.owner, endpoint.id)
    answer.resolve({ status: 200, retryAfter: null })
    await world.clock.until(() => world.tried.length === 1)
    expect(world.tried).toEqual([undefined])
    expect(world.errors).toEqual([])
  })

  test('can be replayed by hand: under the same id, with every try on record', async () => {
    const receiver = createCollectingReceiver()
    const world = await createDeliveryWorld(receiver)
    world.start()
    const { endpoint } = await world.subscribe(['task.submitted'])
    await world.submit()
    await world.clock.until(() => world.tried.length === 1)
    const id = world.tried[0]?.id ?? ''
    const pending = await replayDelivery(world.deps, world.owner, endpoint.id, id)
    expect(pending).toMatchObject({ id, state: 'pending', attempts: 0 })
    await world.clock.until(() => world.tried.length === 2)
    expect(receiver.received.map((one) => one.id)).toEqual([id, id])
    expect(await world.store.readDelivery(id)).toMatchObject({ state: 'delivered', tries: [{}, {}] })
  })
})

test('settled deliveries are forgotten after their days, however many', async () => {
  const receiver = createCollectingReceiver()
  const world = await createDeliveryWorld(receiver, { limits: { webhook_deliveries_kept_days: 2 } })
  world.start()
  const { endpoint } = await world.subscribe(['*'])
  await world.submit()
  await world.clock.until(() => world.tried.length === 3)
  const kept = () => world.store.listDeliveries(endpoint.id, undefined, { limit: 10 })
  await world.advanceUntil(() => world.clock.now() > Date.UTC(2026, 0, 2, 23), hour)
  expect(await kept()).toHaveLength(3)
  world.clock.advance(2 * hour)
  await until('the deliveries to be forgotten', async () => (await kept()).length === 0)
})

test('a body above the limit is sent without its texts', async () => {
  const receiver = createCollectingReceiver()
  const world = await createDeliveryWorld(receiver, { limits: { webhook_body_bytes_max: 2_000 } })
  world.start()
  await world.subscribe(['message.added'])
  await world.submit({ input: { text: 'x'.repeat(5_000) } })
  await world.clock.until(() => receiver.taken.length === 1)
  const { data } = JSON.parse(receiver.received[0]?.request.body ?? '')
  expect(data).toMatchObject({ brief: true, event: { type: 'message.added', data: { message: null } } })
})
