import { afterEach, expect, test } from 'vitest'
import { createWebhookDeliverer } from '../../../src/engine/services/webhook-deliverer.ts'
import type { WebhookRequest } from '../../../src/engine/webhooks/webhook-deps.ts'
import { readSecrets } from '../../../src/engine/webhooks/webhook-secrets.ts'
import { started } from '../../support/started.ts'
import { until } from '../../support/until.ts'
import { anyInstant, openShinzo, type Shinzo } from './open-shinzo.ts'

let shinzo: Shinzo
let stop: (graceMs: number) => Promise<void> = async () => undefined
const received: WebhookRequest[] = []
let statuses: number[] = []
const open = async (limits = {}) => {
  received.length = 0
  statuses = []
  const send = async (request: WebhookRequest) => {
    received.push(request)
    return { status: statuses.shift() ?? 200, retryAfter: null }
  }
  shinzo = await openShinzo({ send, limits })
  stop = started(createWebhookDeliverer(shinzo.world.deps))
  return shinzo
}
afterEach(async () => {
  await stop(0)
  await shinzo.world.close()
})

const wanted = { callback_mode: 'webhook', webhook_url: 'https://receiver.example/in' }
const toldOf = (path: string) =>
  until(`a delivery about ${path}`, () =>
    received.map(({ body }) => JSON.parse(body)).find(({ data }) => path.endsWith(data.task_id)),
  )

test('a webhook is sent the task as it is polled, once it has ended, signed with the secret of the key', async () => {
  const { world, caller, call, submit, taskThatIs } = await open()
  const path = await submit({ message: 'say done', metadata: { a: 1 }, ...wanted })
  expect((await call('GET', path)).json()).toMatchObject(wanted)
  const task = await taskThatIs('completed', path)
  const told = await toldOf(path)
  expect(told).toEqual({ event: 'task.completed', timestamp: expect.stringMatching(anyInstant), data: task })
  expect(received.map(({ url }) => url)).toEqual([wanted.webhook_url])
  const { Webhook } = await import('standardwebhooks')
  const [key] = await world.deps.store.listKeys(caller.user.id, { limit: 1 })
  const [secret] = await readSecrets(world.deps, `key:${key?.id}`)
  const [request] = received
  expect(new Webhook(secret ?? '').verify(request?.body ?? '', { ...request?.headers })).toEqual(told)
})

test('a webhook is told of each way to end', async () => {
  const { call, submit, addAgent } = await open()
  const failed = await submit({ message: 'fail for the test', ...wanted })
  expect(await toldOf(failed)).toMatchObject({ event: 'task.failed', data: { status: 'failed', result: null } })
  const { id } = await addAgent({ capabilities: [] })
  const blocked = await submit({ message: 'write a to a.txt', ...wanted }, id)
  expect(await toldOf(blocked)).toMatchObject({ event: 'task.failed', data: { status: 'failed' } })
  const cancelled = await submit({ message: 'wait 600 seconds', ...wanted })
  await call('POST', `${cancelled}/cancel`)
  expect(await toldOf(cancelled)).toMatchObject({ event: 'task.cancelled', data: { status: 'cancelled' } })
})

test('a task that is too large for a delivery is told without its result', async () => {
  const { submit } = await open({ webhook_body_bytes_max: 1_200 })
  const told = await toldOf(await submit({ message: `say ${'word '.repeat(1_000)}`, ...wanted }))
  expect(told).toMatchObject({ event: 'task.completed', brief: true, data: { status: 'completed', result: null } })
})

test('a task that is polled is told to nobody, even where it names a URL', async () => {
  const { submit, taskThatIs, call } = await open()
  const path = await submit({ message: 'say done', ...wanted, callback_mode: 'poll' })
  await taskThatIs('completed', path)
  const other = await submit({ message: 'say done', ...wanted })
  await toldOf(other)
  expect(received).toHaveLength(1)
  expect((await call('GET', path)).json()).toMatchObject({ callback_mode: 'poll', webhook_url: wanted.webhook_url })
})

test.each([
  { callback_mode: 'webhook' },
  { callback_mode: 'webhook', webhook_url: '' },
  { callback_mode: 'webhook', webhook_url: 'receiver' },
  { callback_mode: 'webhook', webhook_url: 'ftp://a.example/' },
  { callback_mode: 'webhook', webhook_url: 'https://user:pass@a.example/' },
  { callback_mode: 'webhook', webhook_url: 7 },
  { webhook_url: 'receiver' },
])('%j names no place that can be called: 400', async (body) => {
  const { call, agent } = await open()
  const answer = await call('POST', `/agent/request/${agent.id}`, { message: 'say hi', ...body })
  expect(answer.statusCode, answer.body).toBe(400)
  expect(answer.json().error).toMatchObject({ code: 'INVALID_REQUEST', details: { field: 'webhook_url' } })
})
