import { createHmac } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { createWebhookDeliverer } from '../../../src/engine/services/webhook-deliverer.ts'
import type { WebhookRequest } from '../../../src/engine/webhooks/webhook-deps.ts'
import { readSecrets } from '../../../src/engine/webhooks/webhook-secrets.ts'
import { started } from '../../support/started.ts'
import { until } from '../../support/until.ts'
import { type Certior, coreId, openCertior } from './open-certior.ts'

let certior: Certior
let stop: (graceMs: number) => Promise<void> = async () => undefined
const received: WebhookRequest[] = []
const open = async (limits = {}) => {
  received.length = 0
  const send = async (request: WebhookRequest) => {
    received.push(request)
    return { status: 200, retryAfter: null }
  }
  certior = await openCertior({ send, limits })
  stop = started(createWebhookDeliverer(certior.world.deps))
  return certior
}
afterEach(async () => {
  await stop(0)
  await certior.world.close()
})

const webhook_url = 'https://receiver.example/in'

test('webhook_url is sent the execution as it is read, once it has ended, signed over the body', async () => {
  const { world, caller, submit, executionThatIs } = await open()
  const id = await submit({ task: 'write é to a.txt then read a.txt', webhook_url, permissions: ['filesystem:*'] })
  const { websocket_url: _, ...execution } = await executionThatIs('succeeded', id)
  const [request] = await until('a delivery', () => received.length > 0 && received)
  expect(request?.url).toBe(webhook_url)
  expect(JSON.parse(request?.body ?? '')).toEqual(execution)
  const key = (await world.deps.store.listKeys(caller.user.id, { limit: 1 }))[0]
  const [secret] = await readSecrets(world.deps, `key:${key?.id}`)
  expect(request?.headers).toMatchObject({
    'content-type': 'application/json',
    'user-agent': 'Certior-Webhook/1.0',
    'x-certior-delivery': expect.stringMatching(/^wh_[0-9a-f]{12}$/u),
    'x-certior-signature': createHmac('sha256', secret ?? '')
      .update(request?.body ?? '')
      .digest('hex'),
  })
  expect(received).toHaveLength(1)
})

test('webhook_url is told of each way to end', async () => {
  const { call, submit } = await open()
  const ends = {
    blocked: { task: 'fetch https://example.com/', permissions: ['filesystem:read'] },
    error: { task: 'fail for the test' },
  }
  for (const [status, body] of Object.entries(ends)) {
    const id = await submit({ ...body, webhook_url })
    const told = await until(status, () => received.map(({ body }) => JSON.parse(body)).find((one) => one.id === id))
    expect(told.status).toBe(status)
  }
  const id = await submit({ task: 'wait 600 seconds', webhook_url })
  await call('DELETE', `/api/v1/executions/${id}`)
  const told = await until('cancelled', () => received.map(({ body }) => JSON.parse(body)).find((one) => one.id === id))
  expect(told.status).toBe('cancelled')
})

test('an execution that is too large for a delivery is told without its texts', async () => {
  const { submit } = await open({ webhook_body_bytes_max: 2_000 })
  const id = await submit({ task: `say ${'word '.repeat(1_000)}`, webhook_url })
  const [request] = await until('a delivery', () => received.length > 0 && received)
  const told = JSON.parse(request?.body ?? '')
  expect(told).toMatchObject({ id, status: 'succeeded' })
  expect(told).not.toHaveProperty('output')
})

test('a webhook_url that nothing can be sent to is 422', async () => {
  const { call } = await open()
  for (const url of ['ftp://a.example/', 'receiver', 'https://user:pass@a.example/', 7]) {
    const answer = await call('POST', '/api/v1/tasks', { task: 'say hi', webhook_url: url })
    expect(answer.statusCode, String(url)).toBe(422)
    expect(answer.json().detail[0].loc).toEqual(['body', 'webhook_url'])
  }
})

test('the task knows its endpoint', async () => {
  const { submit } = await open()
  const id = await submit({ task: 'say hi', webhook_url })
  expect((await coreId(certior, id))?.task.webhook?.events).toContain('run.blocked')
})
