import { afterAll, beforeAll, expect, test } from 'vitest'
import { allSchemas as agentrixSchemas } from '../../src/api/dialects/agentrix/contract/all-schemas.ts'
import { refusals as agentrix } from '../../src/api/dialects/agentrix/refusals.ts'
import { allStateWords } from '../../src/api/dialects/agentrix/states.ts'
import { allSchemas as certiorSchemas } from '../../src/api/dialects/certior/contract/all-schemas.ts'
import { refusals as certior } from '../../src/api/dialects/certior/refusals.ts'
import { askedStatuses } from '../../src/api/dialects/certior/states.ts'
import { allSchemas as neoSchemas } from '../../src/api/dialects/neo/contract/all-schemas.ts'
import { refusals as neo } from '../../src/api/dialects/neo/refusals.ts'
import { streamStatuses } from '../../src/api/dialects/neo/states.ts'
import { allSchemas as shinzoSchemas } from '../../src/api/dialects/shinzo/contract/all-schemas.ts'
import { refusals as shinzo } from '../../src/api/dialects/shinzo/refusals.ts'
import { taskStatuses as shinzoStatuses } from '../../src/api/dialects/shinzo/states.ts'
import { allSchemas as xagentSchemas } from '../../src/api/dialects/xagent/contract/all-schemas.ts'
import { taskStatuses as xagentStatuses } from '../../src/api/dialects/xagent/contract/task.ts'
import { refusals as xagent } from '../../src/api/dialects/xagent/refusals.ts'
import { allSchemas as nativeSchemas } from '../../src/api/native/contract/all-schemas.ts'
import { moveRun } from '../../src/domain/move-run.ts'
import { isRefusal, Refusal } from '../../src/domain/refusal.ts'
import { runStates } from '../../src/domain/run-state.ts'
import { type Caller, createWorld, type World } from '../support/create-world.ts'
import { until } from '../support/until.ts'

/** The words that a dialect has for the states of its tasks, and how it tells a refusal. */
const dialects = {
  xagent: { statuses: xagentStatuses, bodyOf: xagent.bodyOf, schemas: xagentSchemas },
  certior: { statuses: askedStatuses, bodyOf: certior.bodyOf, schemas: certiorSchemas },
  neo: { statuses: streamStatuses, bodyOf: neo.bodyOf, schemas: neoSchemas },
  agentrix: { statuses: allStateWords, bodyOf: agentrix.bodyOf, schemas: agentrixSchemas },
  // Its agents can be paused, its tasks cannot.
  shinzo: {
    statuses: [...shinzoStatuses, 'paused'],
    bodyOf: shinzo.bodyOf,
    schemas: shinzoSchemas,
  },
} satisfies Record<string, { statuses: readonly string[]; bodyOf(refusal: Refusal): object; schemas: object }>
type Name = keyof typeof dialects
const names = Object.keys(dialects) as Name[]

/** Codes and places of fields are no sentences. */
const noSentences = new Set(['code', 'error_id', 'kind', 'loc', 'type', 'field', 'limit', 'request_id', 'timestamp'])

function sentencesIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => (noSentences.has(name) ? [] : sentencesIn(inner)))
}

/** What must not be said to a client of a dialect: the core's words, expressions, a list of nothing. */
function leaksIn(name: Name, body: unknown): string[] {
  const { statuses } = dialects[name]
  const foreign = runStates.filter((state) => !(statuses as readonly string[]).includes(state))
  const forbidden = [
    /\b(?:runs?|steps?|principals?|attempts?|journals?|next_cursor)\b/iu,
    new RegExp(`\\b(?:${foreign.join('|')})\\b`, 'u'),
    /[\^$]/u,
    /:\s*[.)]?$/u,
    /\bis error\b/u,
  ]
  return sentencesIn(body).filter((sentence) => forbidden.some((form) => form.test(sentence)))
}

const failures = (name: Name): Refusal[] => {
  const moves = runStates.flatMap((from) => runStates.map((to) => [from, to] as const))
  const moved = moves.flatMap(([from, to]) => {
    try {
      return moveRun(from, to) === to ? [] : []
    } catch (error) {
      return isRefusal(error) ? [error] : []
    }
  })
  const busy = runStates.map((state) => new Refusal('task_busy', `The task is ${state}.`, { state }))
  expect(moved.length, name).toBeGreaterThan(30)
  return [...moved, ...busy]
}

test.each(names)('%s says each state that stands in the way in its own word', (name) => {
  for (const refusal of failures(name)) expect(leaksIn(name, dialects[name].bodyOf(refusal))).toEqual([])
})

/** Every schema with a pattern, wherever it stands. */
function patternsIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.values(value).flatMap(patternsIn)
  return typeof (value as { pattern?: unknown }).pattern === 'string' ? [value, ...inner] : inner
}

test('every pattern of a contract is said in words', () => {
  const schemas = [...names.map((name) => dialects[name].schemas), nativeSchemas]
  const patterns = schemas.flatMap(patternsIn)
  expect(patterns.length).toBeGreaterThan(10)
  for (const pattern of patterns) expect(pattern).toMatchObject({ 'x-form': expect.stringMatching(/^[^^$]+$/u) })
})

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
type Request = readonly [method: Method, url: string, body?: unknown, more?: { readonly headers?: object }]

let world: World
const callers = new Map<Name, { readonly operator: Caller; readonly viewer: Caller }>()
/** By dialect, of its operator: a task in the queue, one that was cancelled, one that succeeded, as its paths name them. */
const tasks = new Map<Name, { readonly queued: string; readonly cancelled: string; readonly succeeded: string }>()
let chatId = ''
let failed = ''

const ask = (name: Name, [method, url, body, more]: Request, who: 'operator' | 'viewer' = 'operator') => {
  const { headers } = callers.get(name)?.[who] ?? world.admin
  const payload = body === undefined ? {} : { payload: body as object }
  return world.app.inject({ method, url, headers: { ...headers, ...more?.headers }, ...payload })
}

const submits: Readonly<Record<Name, (text: string) => Request>> = {
  xagent: (content) => ['POST', '/v1/chat/tasks', { agent_id: 1, message: { content } }],
  certior: (task) => ['POST', '/api/v1/tasks', { task }],
  neo: (task) => ['POST', '/api/v1/tasks', { task, response_format: 'json' }],
  agentrix: (content) => [
    'POST',
    '/v1/agentrix/tasks/start',
    { chatId, cloudId: 'cloud-default', message: { role: 'user', content } },
  ],
  shinzo: (message) => ['POST', `/agent/request/${world.agent.id}`, { message }],
}

async function submit(name: Name, text: string): Promise<{ readonly shown: string; readonly id: string }> {
  const answer = await ask(name, submits[name](text))
  const { task_id, execution_id, taskId, id } = answer.json()
  const [latest] = (await world.call('GET', '/v1/tasks?limit=1')).json().tasks
  return { shown: String(task_id ?? execution_id ?? taskId ?? id), id: latest.id }
}

const inState = (id: string, state: string) =>
  until(`${id} to be ${state}`, async () => (await world.call('GET', `/v1/tasks/${id}`)).json().state === state)

beforeAll(async () => {
  world = await createWorld({ started: false, limits: { body_bytes_max: 20_000, metadata_bytes_max: 1_000 } })
  for (const dialect of names) {
    const bound = { dialect, ...(dialect === 'xagent' && { agentId: world.agent.id }) }
    const operator = await world.addCaller('operator', bound)
    callers.set(dialect, { operator, viewer: await world.addCaller('viewer', { ...bound, userId: operator.user.id }) })
  }
  const members = [{ memberCode: `agent-${world.agent.id}`, type: 'agent' }]
  chatId = (await ask('agentrix', ['POST', '/v1/agentrix/chats', { members }])).json().id
  const broken = {
    ...world.agent,
    id: world.deps.randomness.newId(),
    number: 0,
    name: 'broken',
    state: 'error' as const,
  }
  await world.deps.store.commit({ write: [{ kind: 'insert_agent', agent: broken }] })
  failed = broken.id
  await world.deps.dispatcher.start()
  const succeeded = new Map<Name, string>()
  for (const name of names) {
    const { shown, id } = await submit(name, 'say hi')
    await inState(id, 'succeeded')
    succeeded.set(name, shown)
  }
  await world.deps.dispatcher.stop(0)
  for (const name of names) {
    const queued = await submit(name, 'say hi')
    const cancelled = await submit(name, 'say hi')
    expect((await world.call('POST', `/v1/tasks/${cancelled.id}/cancel`, {})).statusCode).toBe(200)
    tasks.set(name, { queued: queued.shown, cancelled: cancelled.shown, succeeded: succeeded.get(name) ?? '' })
  }
})
afterAll(() => world.close())

/** What every dialect may be asked in a wrong way, at its first door. */
function commonMistakes(name: Name): Request[] {
  const [method, url, body] = submits[name]('say hi')
  const json = { headers: { 'content-type': 'application/json' } }
  const deep = `${'{"a":'.repeat(80)}1${'}'.repeat(80)}`
  const texts = Object.entries(body as object).map(
    ([field]): Request => [method, url, { ...(body as object), [field]: 7 }],
  )
  return [
    [method, url, '{', json],
    [method, url, '[]', json],
    [method, url, '', json],
    [method, url, {}],
    [method, url, 'x', { headers: { 'content-type': 'text/plain' } }],
    [method, url, { ...(body as object), metadata: JSON.parse(deep) }],
    [method, url, JSON.stringify({ ...(body as object), x: 'x'.repeat(30_000) }), json],
    [method, url, JSON.stringify(body).replace('say hi', '\\ud800'), json],
    [method, url, body, { headers: { 'content-encoding': 'br' } }],
    [method, url, body, { headers: { authorization: 'Bearer nonsense' } }],
    ['PUT', `/${name}${url}`, {}],
    ['GET', `/${name}/nothing`],
    ['GET', `/${name}/%ff`],
    ...texts,
  ]
}

const mistakes: Readonly<Record<Name, () => Request[]>> = {
  xagent: () => {
    const { queued = '' } = tasks.get('xagent') ?? {}
    const message = { content: 'x' }
    return [
      ['POST', '/v1/chat/tasks', { agent_id: 999, message }],
      ['POST', '/v1/chat/tasks', { agent_id: 1, message: { content: '', files: [1] } }],
      ['POST', '/v1/chat/tasks', { agent_id: 1, message, metadata: { a: 'x'.repeat(2_000) } }],
      ['POST', `/v1/chat/tasks/${queued}/messages`, { agent_id: 1, message }],
      ['GET', '/v1/chat/tasks/999'],
      ['GET', '/v1/chat/tasks/x/steps'],
      ['GET', `/v1/chat/tasks/${queued}/events`, undefined, { headers: { 'last-event-id': 'x' } }],
      ['GET', '/v1/me'],
    ]
  },
  certior: () => {
    const { queued = '', succeeded = '' } = tasks.get('certior') ?? {}
    const task = 'say hi'
    return [
      ['POST', '/api/v1/tasks', { task, provider: 'mistral' }],
      ['POST', '/api/v1/tasks', { task, model: 'nonsense' }],
      ['POST', '/api/v1/tasks', { task, compliance_policy: 'nonsense' }],
      ['POST', '/api/v1/tasks', { task, compliance_policy: 'hipaa', permissions: ['nonsense:*'] }],
      ['POST', '/api/v1/tasks', { task, budget_cents: 1, webhook_url: 'ftp://x', api_key: 'x' }],
      ['POST', '/api/v1/tasks', { task, verification_profile: { stage_role: 'nonsense' } }],
      ['POST', '/api/v1/tasks', { task, verification_profile: { stage_role: 'release' } }],
      ['GET', '/api/v1/executions?status=nonsense'],
      ['GET', '/api/v1/executions?limit=0'],
      ['GET', '/api/v1/executions/nonsense'],
      ['GET', `/ws/executions/${queued}`],
      ['GET', `/api/v1/compliance/${queued}/export`],
      ['GET', `/api/v1/compliance/${succeeded}/export?preset=sox`],
      ['GET', `/api/v1/compliance/${succeeded}/export?format=nonsense`],
    ]
  },
  neo: () => {
    const { queued = '', succeeded = '' } = tasks.get('neo') ?? {}
    const post = (body: object): Request => ['POST', '/api/v1/tasks', { task: 'x', ...body }]
    return [
      post({ mode: 'nonsense', max_steps: 1, max_iterations: 9, visibility: 'x', response_format: 'x' }),
      post({ model: 'nonsense' }),
      post({ model: 'opus-4.8' }),
      post({ agent_id: 'nonsense' }),
      post({ agent_ids: ['nonsense'] }),
      post({ agent_id: failed }),
      post({ id: queued, agent_id: 'nonsense', visibility: 'public' }),
      post({ id: queued, mode: 'plan' }),
      post({ id: queued, file_keys: ['x'] }),
      post({ id: queued, message: { parts: [{ type: 'file', url: 'https://example.com' }] } }),
      post({ id: queued, trigger: 'regenerate-message' }),
      post({ id: succeeded, agent_ids: ['nonsense'] }),
      ['GET', '/api/v1/tasks?cursor=nonsense'],
      ['GET', '/api/v1/tasks?status=nonsense&limit=9999'],
      ['GET', '/api/v1/tasks?limit=9999'],
      ['GET', '/api/v1/tasks/nonsense'],
      ['GET', `/api/v1/tasks/${queued}/share`],
      ['GET', `/api/v1/tasks/${queued}/streams/nonsense`],
    ]
  },
  agentrix: () => {
    const { queued = '', cancelled = '', succeeded = '' } = tasks.get('agentrix') ?? {}
    const message = { role: 'user', content: 'x' }
    const start = (body: object): Request => ['POST', '/v1/agentrix/tasks/start', { chatId, ...body }]
    return [
      start({}),
      start({ cloudId: 'cloud-default' }),
      start({ cloudId: 'cloud-default', machineId: 'x', message }),
      start({ cloudId: 'cloud-x', message }),
      start({ cloudId: 'cloud-default', message, agentId: 'agent-x' }),
      start({ cloudId: 'cloud-default', message, agentId: `agent-${failed}` }),
      start({ machineId: 'x', encryptedMessage: '?', dataEncryptionKey: '?' }),
      start({ machineId: 'x', encryptedMessage: 'eA==', dataEncryptionKey: 'eA==' }),
      start({ chatId: 'chat-x', cloudId: 'cloud-default', message }),
      start({ parentTaskId: 'task-x', message }),
      start({ parentTaskId: cancelled, message }),
      ...['resume', 'stop', 'cancel'].flatMap((verb): Request[] => [
        ['POST', `/v1/tasks/${succeeded}/${verb}`, {}],
        ...(verb === 'resume' ? [['POST', `/v1/tasks/${queued}/${verb}`, {}] as const] : []),
        ...(verb === 'cancel' ? [] : [['POST', `/v1/tasks/${cancelled}/${verb}`, {}] as const]),
      ]),
      ['GET', '/v1/tasks?cursor=nonsense'],
      ['GET', '/v1/chats?cursor=nonsense&limit=0'],
      ['GET', '/v1/chats/x'],
      ['GET', '/v1/tasks/x'],
      ['GET', `/v1/tasks/${queued}/events?before=-1&limit=0`],
      ['POST', `/v1/tasks/${queued}/events/fill`, { sequences: ['x'] }],
      ['GET', '/v1/auth/share?code=x'],
      ['POST', `/v1/agentrix/tasks/${queued}/share`, { permissions: { canViewPr: 3 } }],
      ['POST', '/v1/agentrix/chats', { members: [{ memberCode: 'user-x', type: 'user' }] }],
      ['POST', '/v1/agentrix/chats', { members: [] }],
    ]
  },
  shinzo: () => {
    const { queued = '', cancelled = '', succeeded = '' } = tasks.get('shinzo') ?? {}
    const agent = world.agent.id
    const request = (body: object): Request => ['POST', `/agent/request/${agent}`, { message: 'x', ...body }]
    return [
      request({ message: '', priority: 99, timeout_override: -1 }),
      request({ timeout_override: 10_000_000 }),
      request({ metadata: { a: 'x'.repeat(2_000) } }),
      request({ callback_mode: 'webhook' }),
      request({ callback_mode: 'webhook', webhook_url: 'ftp://x' }),
      ['POST', '/agent/request/nonsense', { message: 'x' }],
      ['POST', `/agent/request/${failed}`, { message: 'x' }],
      ['POST', `/agent/${agent}/task/${succeeded}/cancel`, {}],
      ['POST', `/agent/${agent}/task/${succeeded}/message`, { message: 'x' }],
      ['POST', `/agent/${agent}/task/${cancelled}/message`, { message: 'x' }],
      ['POST', `/agent/${agent}/task/${queued}/message`, { message: '' }],
      ['GET', `/agent/${agent}/task/nonsense`],
      ['GET', `/agent/nonsense/task/${queued}`],
      ['GET', '/agent/list?status=nonsense&limit=0&page=0&sort=x&order=x'],
      ['POST', `/agent/${agent}/pause`, {}],
      ['POST', '/agent/nonsense/resume', {}],
    ]
  },
}

test.each(names)('%s: nothing that is refused is refused in the words of the core', async (name) => {
  for (const request of [...commonMistakes(name), ...mistakes[name]()]) {
    const answer = await ask(name, request)
    const told = `${request[0]} ${request[1]} ${JSON.stringify(request[2])?.slice(0, 200)}: ${answer.statusCode} ${answer.body}`
    expect(answer.statusCode, told).toBeGreaterThanOrEqual(400)
    expect(answer.statusCode, told).not.toBe(500)
    expect(leaksIn(name, answer.json()), told).toEqual([])
  }
})

test.each(names)('%s: a viewer is refused in words of its own too', async (name) => {
  const answer = await ask(name, submits[name]('say hi'), 'viewer')
  expect(answer.statusCode).toBe(403)
  expect(leaksIn(name, answer.json())).toEqual([])
})
