import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { afterEach, expect, test } from 'vitest'
import type { WebhookBody } from '../../src/api/native/contract/webhook.ts'
import { isSignedBy } from '../../src/client/check-webhook.ts'
import { createWebhook } from '../../src/engine/commands/create-webhook.ts'
import { createWebhookDeliverer } from '../../src/engine/services/webhook-deliverer.ts'
import { openShown, readSigningKey } from '../../src/engine/webhooks/webhook-secrets.ts'
import { createSendWebhook } from '../../src/main/open-webhooks.ts'
import type { Store } from '../../src/store/store.ts'
import { createEngineWorld } from '../support/create-engine-world.ts'
import { type LoopbackReceiver, type LoopbackRequest, startLoopbackReceiver } from '../support/loopback-receiver.ts'
import { started } from '../support/started.ts'

// Real sockets on the loopback, and a clock that is moved by hand: three days of retries pass in a moment.

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function openWorld() {
  const world = await createEngineWorld({ send: createSendWebhook(true) })
  let underWay = 0
  let looks = 0
  const stop = started(
    createWebhookDeliverer(world.deps, {
      polled: (count) => {
        underWay = count
        looks += 1
      },
    }),
  )
  cleanups.push(world.close, async () => {
    const stopped = stop(0)
    world.clock.advance(0)
    await stopped
  })
  await world.deps.dispatcher.start()
  return {
    ...world,
    /** Waits until nothing is under way but what the receiver holds open. */
    async settle(receiver: LoopbackReceiver) {
      const before = looks
      await world.clock.until(() => looks > before || underWay === 0)
      await world.clock.until(() => underWay <= receiver.open)
    },
  }
}

const bodyOf = ({ body }: LoopbackRequest): WebhookBody => JSON.parse(body)

/** The seqs of a task in the order in which each first came. */
function firstSeqs(requests: readonly LoopbackRequest[], task: string): number[] {
  const seqs = requests
    .map(bodyOf)
    .filter(({ data }) => data.task.id === task)
    .map(({ data }) => data.event.seq)
  return [...new Set(seqs)]
}

type Mood = 'well' | 'error' | 'busy' | 'stall' | 'redirect' | 'cut' | 'dead'
const moods: readonly Mood[] = ['well', 'error', 'busy', 'stall', 'redirect', 'cut', 'dead']

async function setMood(receiver: LoopbackReceiver, mood: Mood, taken: LoopbackRequest[]): Promise<void> {
  if (mood === 'dead') return receiver.kill()
  await receiver.restart()
  receiver.answer = (request, response) => {
    if (mood === 'stall') return
    if (mood === 'cut') return void response.socket?.destroy()
    if (mood === 'well') taken.push(request)
    const status = { well: 204, error: 500, busy: 429, redirect: 307 }[mood]
    response.writeHead(status, { ...(mood === 'busy' && { 'retry-after': '90' }), location: '/elsewhere' }).end()
  }
}

const idOf = ({ headers }: LoopbackRequest) => String(headers['webhook-id'])

/**
 * Nothing is tried after a 2xx that was recorded. What was taken may come again only where the answer was not heard: the
 * clock of this test moves on while answers are on their way.
 */
async function expectOnceTaken(store: Store, id: string, taken: readonly LoopbackRequest[]): Promise<void> {
  const tries = (await store.readDelivery(id))?.tries ?? []
  const heard = tries.findIndex(({ status }) => status !== null && status < 300)
  if (heard >= 0) expect(heard).toBe(tries.length - 1)
  const unheard = tries.filter(({ status }) => status === null).length
  expect(taken.filter((request) => idOf(request) === id).length).toBeLessThanOrEqual(1 + unheard)
}

test('a receiver that is killed, restarted and unwell at random gets every event, in order per task', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...moods), { minLength: 3, maxLength: 12 }), async (sequence) => {
      const receiver = await startLoopbackReceiver(() => undefined)
      cleanups.push(receiver.close)
      const taken: LoopbackRequest[] = []
      const world = await openWorld()
      await createWebhook(world.deps, world.owner, { url: receiver.url, events: ['*'], agentId: null })
      const tasks: string[] = []
      for (const mood of sequence) {
        await setMood(receiver, mood, taken)
        const { task, run } = await world.submit()
        tasks.push(task.id)
        await world.attemptEnded(run.id)
        world.clock.advance(20_000)
        await world.settle(receiver)
      }
      await setMood(receiver, 'well', taken)
      const journals = await Promise.all(tasks.map((task) => world.events(task)))
      const complete = () => tasks.every((task, index) => firstSeqs(taken, task).length === journals[index]?.length)
      for (let steps = 0; !complete(); steps += 1) {
        expect(steps).toBeLessThan(2_000)
        world.clock.advance(60_000)
        await world.settle(receiver)
      }
      for (const [index, task] of tasks.entries()) {
        expect(firstSeqs(receiver.requests, task)).toEqual(journals[index]?.map(({ seq }) => seq))
        expect(firstSeqs(taken, task)).toEqual(journals[index]?.map(({ seq }) => seq))
      }
      await world.settle(receiver)
      for (const id of new Set(taken.map(idOf))) await expectOnceTaken(world.store, id, taken)
      expect(receiver.requests.every(({ path, method }) => path === '/in' && method === 'POST')).toBe(true)
      for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
    }),
    { numRuns: 8 },
  )
}, 120_000)

test('each try is signed anew under the same id, for the package and for the public key', async () => {
  const receiver = await startLoopbackReceiver((_request, response) => response.writeHead(500).end())
  cleanups.push(receiver.close)
  const world = await openWorld()
  const wanted = { url: receiver.url, events: ['task.submitted'], agentId: null }
  const { secret: shown } = await createWebhook(world.deps, world.owner, wanted)
  const secret = openShown(world.deps, shown)
  await world.submit()
  await world.clock.until(() => receiver.requests.length === 1)
  await world.settle(receiver)
  while (receiver.requests.length < 2) {
    world.clock.advance(1_000)
    await world.settle(receiver)
  }
  const { publicKey } = await readSigningKey(world.deps)
  const [first, second] = receiver.requests.map(({ headers, body }) => {
    const id = String(headers['webhook-id'])
    const timestamp = String(headers['webhook-timestamp'])
    const signature = String(headers['webhook-signature'])
    expect(signature.split(' ')).toContain(new Webhook(secret).sign(id, new Date(Number(timestamp) * 1_000), body))
    const signed = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature }
    expect(isSignedBy(publicKey, signed, body)).toBe(true)
    expect(headers['user-agent']).toMatch(/^Mandate-Webhook\//u)
    return { id, timestamp, body }
  })
  expect(second?.id).toBe(first?.id)
  expect(second?.body).toBe(first?.body)
  expect(Number(second?.timestamp) - Number(first?.timestamp)).toBeGreaterThanOrEqual(5)
})

test('a private address is not connected to unless the operator allows it', async () => {
  const receiver = await startLoopbackReceiver((_request, response) => response.end())
  cleanups.push(receiver.close)
  const send = createSendWebhook(false)
  const { port } = new URL(receiver.url)
  const signal = new AbortController().signal
  for (const host of ['127.0.0.1', 'localhost', '0x7f.1', '2130706433', '[::ffff:127.0.0.1]', '0.0.0.0']) {
    const sent = send({ url: `http://${host}:${port}/in`, headers: {}, body: '{}' }, signal)
    await expect(sent, host).rejects.toThrow('MANDATE_ALLOW_PRIVATE_NETWORK')
  }
  expect(receiver.requests).toEqual([])
})

test.each([301, 302, 303, 307, 308])(
  'a redirect (%i) is an answer: nothing is sent to the other address',
  async (status) => {
    const other = await startLoopbackReceiver((_request, response) => response.end())
    const receiver = await startLoopbackReceiver((_request, response) => {
      response.writeHead(status, { location: other.url }).end()
    })
    cleanups.push(receiver.close, other.close)
    const answer = await createSendWebhook(true)(
      { url: receiver.url, headers: {}, body: '{}' },
      new AbortController().signal,
    )
    expect(answer.status).toBe(status)
    expect(receiver.requests).toHaveLength(1)
    expect(other.requests).toEqual([])
  },
)

test('of an answer only the head is read, however long it is', async () => {
  const gone = Promise.withResolvers<void>()
  const receiver = await startLoopbackReceiver((_request, response) => {
    response.on('error', () => undefined).once('close', gone.resolve)
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
    }
    response.on('drain', more)
    more()
  })
  cleanups.push(receiver.close)
  const answer = await createSendWebhook(true)(
    { url: receiver.url, headers: {}, body: '{}' },
    new AbortController().signal,
  )
  expect(answer.status).toBe(200)
  await gone.promise
})
