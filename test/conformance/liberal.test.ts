import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Caller, createWorld, type World } from '../support/create-world.ts'

type Liberal = 'xagent' | 'certior' | 'neo' | 'agentrix' | 'shinzo'

let world: World
const callers = new Map<Liberal, Caller>()
let chatId = ''

beforeAll(async () => {
  world = await createWorld({ started: false, env: { OPENAI_API_KEY: 'x' } })
  for (const dialect of ['certior', 'neo', 'agentrix', 'shinzo'] as const) {
    callers.set(dialect, await world.addCaller('operator', { dialect }))
  }
  callers.set('xagent', await world.addCaller('operator', { dialect: 'xagent', agentId: world.agent.id }))
  const members = [{ memberCode: `agent-${world.agent.id}`, type: 'agent', note: null }]
  const chat = await post('agentrix', '/v1/agentrix/chats', { members, type: null })
  chatId = chat.json().id
})
afterAll(() => world.close())

const post = (dialect: Liberal, url: string, body: object) => world.call('POST', url, body, callers.get(dialect))

interface Door {
  readonly url: () => string
  readonly body: () => object
  readonly status: number
  /** Every optional field, the texts among them twice. */
  readonly optional: readonly string[]
  readonly texts: readonly string[]
}

const doors: Readonly<Record<Liberal, Door>> = {
  xagent: {
    url: () => '/v1/chat/tasks',
    body: () => ({ agent_id: 1, message: { content: 'say hi', role: null, files: null } }),
    status: 202,
    optional: ['metadata', 'connector_runtime_context'],
    texts: [],
  },
  certior: {
    url: () => '/api/v1/tasks',
    body: () => ({ task: 'say hi', verification_profile: { task_class: null, stage_role: '', stage_id: '' } }),
    status: 201,
    optional: [
      'compliance_policy',
      'permissions',
      'provider',
      'model',
      'webhook_url',
      'api_key',
      'verification_profile',
    ],
    texts: ['provider', 'model', 'webhook_url', 'api_key'],
  },
  neo: {
    url: () => '/api/v1/tasks',
    body: () => ({ task: 'say hi', response_format: 'json' }),
    status: 202,
    optional: [
      ...[
        'agent_id',
        'agent_ids',
        'ask_question',
        'auto_execute',
        'completion_delivery',
        'file_keys',
        'id',
        'isolated',
      ],
      ...[
        'max_iterations',
        'max_steps',
        'message',
        'messages',
        'messageId',
        'mode',
        'model',
        'project_id',
        'sandbox_id',
      ],
      ...['secrets', 'trigger', 'visibility', 'regenerate'],
    ],
    texts: ['agent_id', 'completion_delivery', 'id', 'mode', 'model', 'project_id', 'sandbox_id', 'visibility'],
  },
  agentrix: {
    url: () => '/v1/agentrix/tasks/start',
    body: () => ({ chatId, cloudId: 'cloud-default', message: { role: 'user', content: 'say hi' } }),
    status: 201,
    optional: [
      ...['machineId', 'encryptedMessage', 'dataEncryptionKey', 'cwd', 'forceUserCwd', 'parentTaskId', 'customTitle'],
      ...['agentId', 'repositoryId', 'baseBranch', 'repositorySourceType'],
    ],
    texts: [
      ...['machineId', 'encryptedMessage', 'dataEncryptionKey', 'cwd', 'parentTaskId'],
      ...['agentId', 'repositoryId', 'baseBranch', 'repositorySourceType'],
    ],
  },
  shinzo: {
    url: () => `/agent/request/${world.agent.id}`,
    body: () => ({ message: 'say hi' }),
    status: 202,
    optional: ['priority', 'timeout_override', 'metadata', 'callback_mode', 'webhook_url'],
    texts: ['callback_mode', 'webhook_url'],
  },
}
const dialects = Object.keys(doors) as Liberal[]

const submit = async (dialect: Liberal, more: object) => {
  const { url, body, status } = doors[dialect]
  const answer = await post(dialect, url(), { ...body(), ...more })
  expect(answer.statusCode, answer.body).toBe(status)
  return answer
}
const latest = async () => (await world.call('GET', '/v1/tasks?limit=1')).json().tasks[0]
const all = (names: readonly string[], value: unknown) => Object.fromEntries(names.map((name) => [name, value]))

describe.each(dialects)('%s', (dialect) => {
  test('every optional field may be null, and each alone', async () => {
    const { optional } = doors[dialect]
    const answer = await submit(dialect, all(optional, null))
    expect(answer.headers['mandate-ignored-fields']).toBeUndefined()
    for (const name of optional) await submit(dialect, { [name]: null })
  })

  test('every optional text may be empty', async () => {
    const answer = await submit(dialect, all(doors[dialect].texts, ''))
    expect(answer.headers['mandate-ignored-fields']).toBeUndefined()
    expect((await latest()).run.ignored_fields).toEqual([])
  })

  test('fields that are not known are ignored, named in a header, and kept with the task', async () => {
    const more = { max_stepz: 3, 'Größe, in m²': 1, __proto: null }
    const answer = await submit(dialect, more)
    expect(answer.headers['mandate-ignored-fields']).toBe('max_stepz, Gr%C3%B6%C3%9Fe%2C%20in%20m%C2%B2, __proto')
    const task = await latest()
    expect(task.run.ignored_fields).toEqual(Object.keys(more))
    // Also for who reads it from the disk, and not from memory.
    const [run] = await world.deps.store.listRuns(task.id)
    expect(run?.config.extension['ignored_fields']).toEqual(Object.keys(more))
  })

  test('a client that sends thousands of them is told the first ones', async () => {
    const names = Array.from({ length: 2_000 }, (_, n) => `field_${n}_${'x'.repeat(200)}`)
    const answer = await submit(dialect, all(names, 1))
    const named = String(answer.headers['mandate-ignored-fields']).split(', ')
    expect(named).toEqual(names.slice(0, 32).map((name) => name.slice(0, 100)))
  })
})

test('fields inside of others are named by their paths', async () => {
  const message = { role: 'user', content: 'say hi', createdAt: 1 }
  const start = await submit('agentrix', { message })
  expect(start.headers['mandate-ignored-fields']).toBe('message.createdAt')
  const members = [
    { memberCode: `agent-${world.agent.id}`, type: 'agent', colour: 'red' },
    { memberCode: `agent-${world.agent.id}`, type: 'agent', colour: 'blue' },
  ]
  const chat = await post('agentrix', '/v1/agentrix/chats', { members })
  expect([chat.statusCode, chat.headers['mandate-ignored-fields']]).toEqual([201, 'members[].colour'])
})

const queries: readonly (readonly [Liberal, string])[] = [
  ['neo', '/api/v1/tasks?page=2&status=&limit='],
  ['agentrix', '/v1/tasks?page=2&cursor=&limit='],
  ['agentrix', '/v1/chats?page=2&cursor=&limit='],
  ['shinzo', '/agent/list?colour=2&status=&limit='],
  ['certior', '/api/v1/executions?page=2&status=&limit='],
]
test.each(queries)('%s: in %s what is empty counts as absent, and what is not known is named', async (dialect, url) => {
  const answer = await world.call('GET', url, undefined, callers.get(dialect))
  expect(answer.statusCode, answer.body).toBe(200)
  expect(answer.headers['mandate-ignored-fields']).toBe(/[?](\w+)=2/u.exec(url)?.[1])
})

test('a further message is read as liberally, and keeps what it ignored with the run that it starts', async () => {
  const { task_id } = (await submit('xagent', {})).json()
  const id = (await latest()).id
  await world.call('POST', `/v1/tasks/${id}/cancel`, {})
  const body = { agent_id: 1, message: { content: 'again', role: null }, metadata: null, urgent: true }
  const answer = await post('xagent', `/v1/chat/tasks/${task_id}/messages`, body)
  expect([answer.statusCode, answer.headers['mandate-ignored-fields']]).toEqual([202, 'urgent'])
  expect((await latest()).run).toMatchObject({ turn: 2, ignored_fields: ['urgent'] })
})

test('natively nothing is ignored: what is not known, null or empty is refused by name', async () => {
  for (const [field, value] of [
    ['max_stepz', 3],
    ['title', null],
    ['title', ''],
    ['priority', null],
  ] as const) {
    const answer = await world.call('POST', '/v1/tasks', { input: 'x', [field]: value })
    expect([field, answer.statusCode, answer.json().errors?.[0]?.field]).toEqual([field, 422, field])
    expect(answer.headers['mandate-ignored-fields']).toBeUndefined()
  }
})
