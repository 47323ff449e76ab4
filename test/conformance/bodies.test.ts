import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limitDefaults } from '../../src/domain/limits.ts'
import type { Dialect } from '../../src/domain/principal.ts'
import { type Caller, createWorld, type World } from '../support/create-world.ts'

let world: World
const callers = new Map<Dialect, Caller>()
let chatId = ''

beforeAll(async () => {
  world = await createWorld({ started: false })
  for (const dialect of ['certior', 'neo', 'agentrix', 'shinzo'] as const) {
    callers.set(dialect, await world.addCaller('operator', { dialect }))
  }
  callers.set('native', world.admin)
  callers.set('xagent', await world.addCaller('operator', { dialect: 'xagent', agentId: world.agent.id }))
  const members = [{ memberCode: `agent-${world.agent.id}`, type: 'agent' }]
  const chat = await world.call('POST', '/v1/agentrix/chats', { members }, callers.get('agentrix'))
  chatId = chat.json().id
})
afterAll(() => world.close())

/** The smallest request of each API that makes a task, and how its answer names the task. */
const doors: Readonly<Record<Dialect, { url: () => string; body: () => object; refused: number; made: number }>> = {
  native: { url: () => '/v1/tasks', body: () => ({ input: 'say hi' }), refused: 422, made: 202 },
  xagent: {
    url: () => '/v1/chat/tasks',
    body: () => ({ agent_id: 1, message: { content: 'say hi' } }),
    refused: 422,
    made: 202,
  },
  certior: { url: () => '/api/v1/tasks', body: () => ({ task: 'say hi' }), refused: 422, made: 201 },
  neo: {
    url: () => '/api/v1/tasks',
    body: () => ({ task: 'say hi', response_format: 'json' }),
    refused: 400,
    made: 202,
  },
  agentrix: {
    url: () => '/v1/agentrix/tasks/start',
    body: () => ({ chatId, cloudId: 'cloud-default', message: { role: 'user', content: 'say hi' } }),
    refused: 400,
    made: 201,
  },
  shinzo: {
    url: () => `/agent/request/${world.agent.id}`,
    body: () => ({ message: 'say hi' }),
    refused: 400,
    made: 202,
  },
}

/** Sends this very text. */
function send(dialect: Dialect, url: string, text: string, headers: Readonly<Record<string, string>> = {}) {
  const json = { 'content-type': 'application/json', ...callers.get(dialect)?.headers, ...headers }
  return world.app.inject({ method: 'POST', url, headers: json, payload: text })
}

const submit = (dialect: Dialect, more: object) =>
  send(dialect, doors[dialect].url(), JSON.stringify({ ...doors[dialect].body(), ...more }))
const tasksIn = async () => (await world.deps.store.listTasks({}, { limit: 1_000 })).length
const nested = (levels: number): object => (levels === 1 ? {} : { a: nested(levels - 1) })

describe('a lone surrogate, which would be another character after a restart, is refused and leaves nothing', () => {
  const half = 'half of a character: \ud83d'
  const places: readonly (readonly [Dialect, string, object])[] = [
    ['native', 'input', { input: half }],
    ['native', 'title', { title: half }],
    ['native', 'metadata.a.0', { metadata: { a: [half] } }],
    ['native', 'metadata.\ufffd', { metadata: { '\udfff': 1 } }],
    ['native', 'files.0.content', { files: [{ path: 'a.txt', content: half }] }],
    ['native', 'files.0.path', { files: [{ path: half, content: '' }] }],
    ['xagent', 'message.content', { message: { content: half } }],
    ['xagent', 'metadata.a', { metadata: { a: half } }],
    ['certior', 'task', { task: half }],
    ['certior', 'verification_profile.stage_id', { verification_profile: { stage_id: half } }],
    ['neo', 'task', { task: half }],
    ['neo', 'message.parts.0.text', { message: { parts: [{ type: 'text', text: half }] } }],
    ['neo', 'project_id', { project_id: half }],
    ['agentrix', 'message.content', { message: { role: 'user', content: half } }],
    ['agentrix', 'customTitle', { customTitle: half }],
    ['shinzo', 'message', { message: half }],
    ['shinzo', 'metadata.a', { metadata: { a: half } }],
  ]
  test.each(places)('%s: in %s', async (dialect, field, more) => {
    const before = await tasksIn()
    const answer = await submit(dialect, more)
    expect(answer.statusCode, answer.body).toBe(doors[dialect].refused)
    for (const name of field.split('.')) expect(answer.body).toContain(name)
    expect(answer.body).toContain('lone surrogate')
    expect(await tasksIn()).toBe(before)
  })

  test('in every other body too: of an agent, a message, a webhook, a policy', async () => {
    const { id } = (await submit('native', {})).json()
    const bodies: readonly (readonly [string, object])[] = [
      ['/v1/agents', { name: 'x', instructions: half }],
      [`/v1/tasks/${id}/messages`, { input: half }],
      ['/v1/webhooks', { url: 'http://127.0.0.1/', events: ['*'], description: half }],
      ['/v1/policies/check', { document: { name: half }, cedar: '' }],
    ]
    for (const [url, body] of bodies) {
      const answer = await send('native', url, JSON.stringify(body))
      expect([url, answer.statusCode, answer.json().code]).toEqual([url, 422, 'invalid_input'])
      expect(answer.body).toContain('lone surrogate')
    }
  })

  test('no address and no header can hold one: what is no UTF-8 in them is no such character', async () => {
    const half = '%ED%A0%80'
    for (const url of [`/v1/tasks?metadata[a]=${half}`, `/v1/tasks?cursor=${half}`, `/v1/tasks/${half}`]) {
      const answer = await world.call('GET', url)
      expect([200, 400, 404, 422]).toContain(answer.statusCode)
      expect(answer.body.isWellFormed()).toBe(true)
      expect(answer.body).not.toMatch(/\\ud[89a-f]/u)
    }
  })

  test('the two halves of one character are that character, however they are written', async () => {
    const answer = await send('native', '/v1/tasks', '{"input":"say \\ud83d\\ude00","metadata":{"\\uD83D\\uDE00":1}}')
    expect(answer.json()).toMatchObject({ input: 'say \u{1f600}', metadata: { '\u{1f600}': 1 } })
  })
})

describe('a field may be nested 64 levels deep', () => {
  const dialects = Object.keys(doors) as Dialect[]
  test.each(dialects)('%s: deeper ones are refused by name, known or not, and leave nothing', async (dialect) => {
    const before = await tasksIn()
    for (const field of ['metadata', 'whatever']) {
      for (const levels of [65, 1_001, 20_000]) {
        const text = `${JSON.stringify(doors[dialect].body()).slice(0, -1)},"${field}":${'{"a":'.repeat(levels)}1${'}'.repeat(levels + 1)}`
        const answer = await send(dialect, doors[dialect].url(), text)
        expect(answer.statusCode, answer.body).toBe(doors[dialect].refused)
        expect(answer.body).toContain(field)
        expect(answer.body).toContain('json_depth_max')
      }
    }
    expect(await tasksIn()).toBe(before)
  })

  test.each(['native', 'xagent', 'shinzo'] as const)(
    '%s: metadata of 64 levels are kept, shown and listed',
    async (dialect) => {
      const metadata = nested(64)
      const answer = await submit(dialect, { metadata })
      expect(answer.statusCode, answer.body).toBe(doors[dialect].made)
      const listed = (await world.call('GET', '/v1/tasks?limit=1')).json()
      expect(listed.tasks[0].metadata).toEqual(metadata)
    },
  )
})

describe('metadata is data', () => {
  test.each(['native', 'xagent', 'shinzo'] as const)('%s: whatever its names are', async (dialect) => {
    const metadata = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":null}'
    const text = `${JSON.stringify(doors[dialect].body()).slice(0, -1)},"metadata":${metadata}}`
    const answer = await send(dialect, doors[dialect].url(), text)
    expect(answer.statusCode, answer.body).toBe(doors[dialect].made)
    const [task] = (await world.call('GET', '/v1/tasks?limit=1')).json().tasks
    const read = await world.call('GET', `/v1/tasks/${task.id}`)
    expect(read.body).toContain(`"metadata":${metadata}`)
    expect(Object.hasOwn({}, 'polluted')).toBe(false)
    expect('polluted' in {}).toBe(false)
    const [kept] = await world.deps.store.listTasks({ metadata: { toString: 'x' } }, { limit: 1 })
    expect(kept).toBeUndefined()
  })

  test('a name such as __proto__ tells one request from another', async () => {
    const headers = { 'idempotency-key': 'proto' }
    const first = await send('native', '/v1/tasks', '{"input":"x","metadata":{"__proto__":1}}', headers)
    const other = await send('native', '/v1/tasks', '{"input":"x","metadata":{}}', headers)
    const again = await send('native', '/v1/tasks', '{"input":"x","metadata":{"__proto__":1}}', headers)
    expect(other.json().code).toBe('idempotency_mismatch')
    expect(again.json().id).toBe(first.json().id)
  })

  test.each(['native', 'xagent', 'shinzo'] as const)('%s: up to its limit, which is 64 KiB', async (dialect) => {
    expect(limitDefaults.metadata_bytes_max).toBe(65_536)
    const around = JSON.stringify({ a: '' }).length
    const most = { a: 'x'.repeat(65_536 - around) }
    expect((await submit(dialect, { metadata: most })).statusCode).toBe(doors[dialect].made)
    const answer = await submit(dialect, { metadata: { a: `${most.a}x` } })
    expect(answer.statusCode).toBe(doors[dialect].refused)
    expect(answer.body).toContain('metadata_bytes_max')
  })
})

describe('a body that would hold up the server is refused before it is parsed', () => {
  const many = limitDefaults.json_values_max
  const dialects = [...Object.keys(doors)] as Dialect[]
  const post = (url: string, payload: string, caller: Caller) =>
    world.app.inject({
      method: 'POST',
      url,
      payload,
      headers: { ...caller.headers, 'content-type': 'application/json' },
    })
  const callerOf = (dialect: Dialect) => callers.get(dialect) ?? world.admin

  test.each(dialects)('%s: one of more values than may be, named by its limit', async (dialect) => {
    const { url, refused } = doors[dialect]
    const answer = await post(url(), `{"x":[${'1,'.repeat(many)}`, callerOf(dialect))
    expect(answer.statusCode).toBe(refused)
    expect(answer.body).toContain('json_values_max')
  })

  test('one of as many values as may be is read', async () => {
    const answer = await post('/v1/tasks', `{"x":[${'1,'.repeat(many - 3)}1]}`, world.admin)
    expect(answer.statusCode).toBe(422)
    expect(answer.body).not.toContain('json_values_max')
  })

  test.each(dialects)('%s: a large one of a key that changes nothing, in the words of its role', async (dialect) => {
    const agentId = dialect === 'xagent' ? world.agent.id : null
    const viewer = await world.addCaller('viewer', { dialect, agentId })
    const { url, body } = doors[dialect]
    const large = JSON.stringify({ ...body(), x: 'x'.repeat(limitDefaults.read_only_body_bytes_max) })
    expect((await post(url(), large.slice(0, -10), viewer)).statusCode).toBe(403)
    expect((await post(url(), large.slice(0, -10), callerOf(dialect))).statusCode).not.toBe(403)
  })
})
