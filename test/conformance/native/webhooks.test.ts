import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, test } from 'vitest'
import type { DeliveryPage, DeliveryView, WebhookPage } from '../../../src/api/native/contract/webhook.ts'
import { isSignedBy } from '../../../src/client/check-webhook.ts'
import { createWebhookDeliverer } from '../../../src/engine/services/webhook-deliverer.ts'
import { createCollectingReceiver } from '../../support/collecting-receiver.ts'
import { createWorld, type World, type WorldOptions } from '../../support/create-world.ts'
import { started } from '../../support/started.ts'
import { until } from '../../support/until.ts'

let world: World
let stopDelivering: (graceMs: number) => Promise<void> = async () => undefined
const receiver = createCollectingReceiver()

async function open(options: WorldOptions = {}): Promise<World> {
  receiver.received.length = 0
  receiver.taken.length = 0
  receiver.answer = () => 200
  world = await createWorld({ send: receiver.send, ...options })
  stopDelivering = started(createWebhookDeliverer(world.deps))
  return world
}
afterEach(async () => {
  await stopDelivering(0)
  await world.close()
})

const url = 'https://hooks.example.com/in'
const absent = '00000000-0000-7000-8000-000000000000'

async function create(body: object = { url }, caller = world.admin) {
  const answer = await world.call('POST', '/v1/webhooks', body, caller)
  expect(answer.statusCode, answer.body).toBe(201)
  return answer.json()
}

async function deliveries(id: string, query = ''): Promise<DeliveryView[]> {
  return (await world.call('GET', `/v1/webhooks/${id}/deliveries${query}`)).json<DeliveryPage>().deliveries
}

const taken = (count: number) => until(`${count} deliveries`, () => receiver.taken.length >= count)

describe('a webhook', () => {
  test('is created with its secret, which no later answer shows, and read, listed and deleted', async () => {
    const { call } = await open()
    const created = await create()
    expect(created).toMatchObject({
      url,
      events: ['run.succeeded', 'run.failed', 'run.blocked', 'run.cancelled'],
      state: 'active',
      disabled_because: null,
      format: 'standard',
      task_id: null,
      team_id: null,
      secret: expect.stringMatching(/^whsec_/u),
      public_key: expect.stringMatching(/^whpk_/u),
    })
    const { secret: _secret, public_key: _key, ...shown } = created
    expect((await call('GET', `/v1/webhooks/${created.id}`)).json()).toEqual(shown)
    expect((await call('GET', '/v1/webhooks')).json<WebhookPage>().webhooks).toEqual([shown])
    expect((await call('DELETE', `/v1/webhooks/${created.id}`)).statusCode).toBe(204)
    const gone = await call('GET', `/v1/webhooks/${created.id}`)
    expect(gone.statusCode).toBe(404)
    expect(gone.json()).toMatchObject({ code: 'webhook_not_found' })
  })

  test('is delivered what it wants, signed for the package of the standard and by the public key', async () => {
    const { runTask } = await open()
    const { secret, public_key } = await create({ url, events: ['run.*'] })
    const task = await runTask({ input: 'say hello', metadata: { project: 'apollo' } })
    await taken(3)
    expect(receiver.received.map(({ type }) => type)).toEqual(['run.queued', 'run.claimed', 'run.succeeded'])
    for (const { request } of receiver.received) {
      expect(new Webhook(secret).verify(request.body, { ...request.headers })).toEqual(JSON.parse(request.body))
      expect(isSignedBy(public_key, request.headers, request.body)).toBe(true)
      expect(request.headers).toMatchObject({ 'content-type': 'application/json' })
    }
    const last = JSON.parse(receiver.received[2]?.request.body ?? '')
    const events = await world.readEvents(task.id)
    expect(last).toEqual({
      type: 'run.succeeded',
      timestamp: events.at(-1)?.at,
      data: {
        task: {
          id: task.id,
          number: 1,
          agent_id: world.agent.id,
          title: 'say hello',
          metadata: { project: 'apollo' },
        },
        event: events.at(-1),
        brief: false,
      },
    })
  })

  test('disabled is sent nothing, and enabled again goes on', async () => {
    const { call, runTask } = await open()
    const { id } = await create()
    const disabled = await call('PATCH', `/v1/webhooks/${id}`, { state: 'disabled' })
    expect(disabled.json()).toMatchObject({ state: 'disabled', disabled_because: 'by_hand' })
    await runTask({ input: 'say hello' })
    const changed = await call('PATCH', `/v1/webhooks/${id}`, { state: 'active', events: ['run.queued'] })
    expect(changed.json()).toMatchObject({ state: 'active', disabled_because: null, events: ['run.queued'] })
    const { id: task } = await runTask({ input: 'say hello' })
    await taken(1)
    expect(receiver.received).toMatchObject([{ task, type: 'run.queued' }])
  })

  test.each([
    [{}, 'url'],
    [{ url: 'ftp://example.com' }, 'url'],
    [{ url: 'https://me:secret@example.com' }, 'url'],
    [{ url: 'http://169.254.169.254/latest' }, 'url'],
    [{ url, events: [] }, 'events'],
    [{ url, events: ['run.done'] }, 'events'],
    [{ url, secret: 'mine' }, 'secret'],
  ])('with %j is refused naming %s', async (body, field) => {
    const { call } = await open()
    const answer = await call('POST', '/v1/webhooks', body)
    expect(answer.statusCode, answer.body).toBe(422)
    expect(answer.json()).toMatchObject({ code: 'invalid_input', errors: [{ field }] })
  })

  test('is refused above the number that a user may have, naming the limit', async () => {
    const { call } = await open({ limits: { webhooks_max: 2 } })
    await create()
    await create()
    const answer = await call('POST', '/v1/webhooks', { url })
    expect(answer.statusCode).toBe(429)
    expect(answer.json()).toMatchObject({ code: 'limit_exceeded', limit: 'webhooks_max' })
  })

  test("of somebody else looks like one that is absent, and gets nothing of others' tasks", async () => {
    const { call, addCaller, runTask } = await open()
    const [ada, ben] = [await addCaller('operator'), await addCaller('operator')]
    const { id } = await create({ url }, ada)
    const calls: ['GET' | 'PATCH' | 'DELETE' | 'POST', string, object?][] = [
      ['GET', ''],
      ['PATCH', '', { state: 'disabled' }],
      ['DELETE', ''],
      ['GET', '/deliveries'],
      ['GET', '/secret'],
      ['POST', '/secret/rotate'],
      ['POST', `/deliveries/${absent}/replay`],
    ]
    for (const [method, path, body] of calls) {
      const theirs = await call(method, `/v1/webhooks/${id}${path}`, body, ben)
      const none = await call(method, `/v1/webhooks/${absent}${path}`, body, ben)
      expect(theirs.statusCode, path).toBe(404)
      expect(theirs.body).toBe(none.body)
    }
    await runTask({ input: 'say hello' }, ben)
    await runTask({ input: 'say hello' }, ada)
    await taken(1)
    expect(receiver.received).toHaveLength(1)
  })

  test('is not for who may only look, and for one agent where the key is', async () => {
    const { call, addCaller, agent } = await open()
    const viewer = await addCaller('viewer')
    expect((await call('POST', '/v1/webhooks', { url }, viewer)).json()).toMatchObject({ code: 'role_forbidden' })
    const bound = await addCaller('operator', { agentId: agent.id })
    expect(await create({ url }, bound)).toMatchObject({ agent_id: agent.id })
    const other = await call('POST', '/v1/webhooks', { url, agent_id: absent }, bound)
    expect(other.json()).toMatchObject({ code: 'agent_not_found' })
  })
})

describe('deliveries', () => {
  test('show every try, and are sent again by hand under the same id', async () => {
    const { call, runTask } = await open()
    const { id } = await create({ url, events: ['run.succeeded'] })
    receiver.answer = () => 500
    const task = await runTask({ input: 'say hello' })
    const [failing] = await until('a try on record', async () => {
      const [first] = await deliveries(id)
      return first !== undefined && first.tries.length > 0 && ([first] as const)
    })
    expect(failing).toMatchObject({
      webhook_id: id,
      task_id: task.id,
      seq: task.last_seq,
      type: 'run.succeeded',
      state: 'pending',
      attempts: 1,
      tries: [{ status: 500, error: 'answered 500', at: expect.any(String), duration_ms: expect.any(Number) }],
    })
    expect(Date.parse(failing.next_attempt_at ?? '')).toBeGreaterThan(Date.parse(failing.tries[0]?.at ?? ''))
    receiver.answer = () => 204
    const path = `/v1/webhooks/${id}/deliveries/${failing.id}/replay`
    const replayed = await call('POST', path)
    expect(replayed.statusCode).toBe(202)
    await taken(1)
    const [delivered] = await until('a delivery', async () => {
      const listed = await deliveries(id, '?state=delivered')
      return listed.length > 0 && listed
    })
    expect(delivered).toMatchObject({
      id: failing.id,
      attempts: 1,
      next_attempt_at: null,
      tries: [{}, { status: 204 }],
    })
    expect(new Set(receiver.received.map((one) => one.id))).toEqual(new Set([failing.id]))
    expect(await deliveries(id, '?state=failed')).toEqual([])
    expect((await call('POST', path.replace(failing.id, absent))).json()).toMatchObject({ code: 'delivery_not_found' })
  })

  test('are paged, newest first', async () => {
    const { call, runTask } = await open()
    const { id } = await create({ url, events: ['*'] })
    const task = await runTask({ input: 'say hello' })
    await taken(task.last_seq)
    const seen: number[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const query: string = cursor === '' ? '?limit=2' : `?limit=2&cursor=${cursor}`
      const page = (await call('GET', `/v1/webhooks/${id}/deliveries${query}`)).json<DeliveryPage>()
      seen.push(...page.deliveries.map(({ seq }) => seq))
      cursor = page.next_cursor
    }
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: task.last_seq }, (_, index) => index + 1))
  })
})

describe('secrets', () => {
  test('of a webhook are read and replaced; the one before signs beside the new one', async () => {
    const { call, runTask } = await open()
    const { id, secret, public_key } = await create({ url, events: ['run.succeeded'] })
    const read = await call('GET', `/v1/webhooks/${id}/secret`)
    expect(read.json()).toEqual({ secret, public_key })
    expect(read.headers['cache-control']).toBe('no-store')
    const rotated = (await call('POST', `/v1/webhooks/${id}/secret/rotate`)).json()
    expect(rotated.secret).not.toBe(secret)
    await runTask({ input: 'say hello' })
    await taken(1)
    const { body = '', headers = {} } = receiver.received[0]?.request ?? {}
    for (const one of [secret, rotated.secret])
      expect(() => new Webhook(one).verify(body, { ...headers })).not.toThrow()
  })

  test("of a key sign what its tasks' own webhooks get", async () => {
    const { call, addCaller, deps, runTask } = await open()
    const ada = await addCaller('operator')
    const keyId = (await call('GET', '/v1/keys', undefined, ada)).json().keys[0].id
    const { secret } = (await call('GET', `/v1/keys/${keyId}/webhook-secret`, undefined, ada)).json()
    expect((await call('GET', '/v1/keys/current/webhook-secret', undefined, ada)).json().secret).toBe(secret)
    const { submitTask } = await import('../../../src/engine/commands/submit-task.ts')
    const principal = {
      ...ada.user,
      userId: ada.user.id,
      role: 'operator',
      dialect: 'native',
      agentId: null,
      keyId,
    } as const
    const webhook = { url, format: 'standard' } as const
    const { task } = await submitTask(deps, principal, {
      input: { text: 'say hello' },
      agentId: null,
      dialect: 'native',
      webhook,
    })
    await taken(1)
    const { body = '', headers = {} } = receiver.received[0]?.request ?? {}
    expect(new Webhook(secret).verify(body, { ...headers })).toMatchObject({ data: { task: { id: task.id } } })
    const listed = (await call('GET', `/v1/webhooks?task_id=${task.id}`, undefined, ada)).json<WebhookPage>()
    expect(listed.webhooks).toMatchObject([{ task_id: task.id, url }])
    expect((await call('GET', '/v1/webhooks', undefined, ada)).json<WebhookPage>().webhooks).toEqual([])
    const changed = await call('PATCH', `/v1/webhooks/${listed.webhooks[0]?.id}`, { url: 'https://b.example' }, ada)
    expect(changed.json()).toMatchObject({ code: 'invalid_input', errors: [{ field: 'url' }] })
    await runTask({ input: 'say hello' }, ada)
    expect(receiver.received).toHaveLength(1)
  })

  test('of a key are shown when it is made, and can be read again', async () => {
    const { call } = await open()
    const { id, webhook_secret } = (await call('POST', '/v1/keys', { name: 'shinzo', dialect: 'shinzo' })).json()
    expect((await call('GET', `/v1/keys/${id}/webhook-secret`)).json().secret).toBe(webhook_secret)
  })

  test('of a key that is not the caller’s look absent', async () => {
    const { call, addCaller } = await open()
    const [ada, ben] = [await addCaller('operator'), await addCaller('operator')]
    const keyId = (await call('GET', '/v1/keys', undefined, ada)).json().keys[0].id
    const theirs = await call('GET', `/v1/keys/${keyId}/webhook-secret`, undefined, ben)
    const none = await call('GET', `/v1/keys/${absent}/webhook-secret`, undefined, ben)
    expect(theirs.statusCode).toBe(404)
    expect(theirs.body).toBe(none.body)
  })

  test('are nowhere in the database as they are shown', async () => {
    const { deps } = await open()
    const { id, secret } = await create()
    const stored = await deps.store.readWebhookSecret(`endpoint:${id}`)
    const plain = Buffer.from(secret.replace('whsec_', ''), 'base64')
    const sealed = Buffer.from(stored?.encrypted ?? [])
    expect(sealed.length).toBeGreaterThan(32)
    expect(sealed.includes(secret)).toBe(false)
    expect(sealed.includes(plain)).toBe(false)
  })
})

describe("a team's webhook_url", () => {
  test('gets the ends of the tasks that are shown to the team, and follows its changes', async () => {
    const { call, addCaller } = await open()
    const team = (await call('POST', '/v1/teams', { name: 'research', webhook_url: url })).json()
    const ada = await addCaller('operator', { teamId: team.id })
    const { submitTask } = await import('../../../src/engine/commands/submit-task.ts')
    const principal = {
      userId: ada.user.id,
      teamId: team.id,
      role: 'operator',
      dialect: 'native',
      agentId: null,
      keyId: null,
    } as const
    const submit = (visibility: 'private' | 'team') =>
      submitTask(world.deps, principal, { input: { text: 'say hi' }, agentId: null, dialect: 'native', visibility })
    await submit('private')
    const { task } = await submit('team')
    await taken(1)
    expect(receiver.received).toMatchObject([{ task: task.id, type: 'run.succeeded', request: { url } }])
    const listed = (await call('GET', '/v1/webhooks')).json<WebhookPage>().webhooks
    expect(listed).toMatchObject([{ team_id: team.id, format: 'team' }])
    const moved = 'https://moved.example.com/in'
    await call('PATCH', `/v1/teams/${team.id}`, { webhook_url: moved })
    await submit('team')
    await taken(2)
    expect(receiver.received[1]?.request.url).toBe(moved)
    await call('PATCH', `/v1/teams/${team.id}`, { webhook_url: null })
    expect((await call('GET', '/v1/webhooks')).json<WebhookPage>().webhooks).toEqual([])
  })
})
