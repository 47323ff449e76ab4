import { afterEach, describe, expect, test } from 'vitest'
import { refusals } from '../../../src/api/dialects/agentrix/refusals.ts'
import { Refusal, refusalCodes } from '../../../src/domain/refusal.ts'
import type { Store } from '../../../src/store/store.ts'
import type { WorldOptions } from '../../support/create-world.ts'
import { type AgentrixWorld, openAgentrix } from './open-agentrix.ts'

let world: AgentrixWorld
const open = async (options: WorldOptions = {}) => {
  world = await openAgentrix({ started: false, ...options })
  return world
}
afterEach(() => world.close())

interface Answer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** Every refusal looks like this, whoever found out. */
function expectRefusal(answer: Answer, status: number, code: string, error: string): string {
  expect([answer.statusCode, answer.headers['content-type']], answer.body).toEqual([
    status,
    'application/json; charset=utf-8',
  ])
  const body = JSON.parse(answer.body)
  const details = [expect.objectContaining({ message: expect.stringMatching(/\S/u) })]
  if (code === 'INVALID_REQUEST') {
    expect(body).toEqual({
      code,
      error,
      message: 'Invalid request parameters',
      details: expect.arrayContaining(details),
    })
  } else expect(body).toEqual({ code, error, message: expect.stringMatching(/\S/u) })
  return body.message
}

const json = { 'content-type': 'application/json' }
const start = '/v1/agentrix/tasks/start'
const post = (request: object) => world.app.inject({ method: 'POST', url: start, ...request })

describe('every failure comes in the envelope', () => {
  test.each<[string, { payload?: unknown; headers?: object }, number, string, string]>([
    ['malformed JSON', { payload: '{"chatId": ', headers: json }, 400, 'INVALID_REQUEST', 'validation_error'],
    [
      'an empty body',
      { payload: '', headers: { ...json, 'content-length': '0' } },
      400,
      'INVALID_REQUEST',
      'validation_error',
    ],
    ['no body', {}, 400, 'INVALID_REQUEST', 'validation_error'],
    ['a list for a body', { payload: '[]', headers: json }, 400, 'INVALID_REQUEST', 'validation_error'],
    ['a bad field', { payload: '{"chatId": 1}', headers: json }, 400, 'INVALID_REQUEST', 'validation_error'],
    [
      'another content type',
      { payload: 'x', headers: { 'content-type': 'text/plain' } },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'unsupported_media_type',
    ],
    [
      'too large a body',
      { payload: JSON.stringify({ x: 'x'.repeat(2_000) }), headers: json },
      413,
      'PAYLOAD_TOO_LARGE',
      'payload_too_large',
    ],
    [
      'an unknown chat',
      { payload: { chatId: 'chat-x', cloudId: 'cloud-default', message: { role: 'user', content: 'x' } } },
      404,
      'CHAT_NOT_FOUND',
      'not_found',
    ],
  ])('%s', async (_, request, status, code, error) => {
    const { caller } = await open({ limits: { body_bytes_max: 1_000 } })
    const headers = { ...request.headers, ...caller.headers }
    expectRefusal(await post({ ...request, headers }), status, code, error)
  })

  test('a missing key, a wrong one and one of another kind', async () => {
    await open({ limits: { body_bytes_max: 1_000 } })
    const bodies = new Set<string>()
    for (const headers of [{}, { authorization: 'Bearer agx_x' }, { authorization: 'Basic x' }, { 'x-api-key': 'x' }]) {
      for (const payload of ['{', JSON.stringify({ x: 'x'.repeat(2_000) }), '{}']) {
        const answer = await post({ url: `/agentrix${start}`, payload, headers: { ...json, ...headers } })
        expectRefusal(answer, 401, 'UNAUTHORIZED', 'unauthorized')
        bodies.add(answer.body)
      }
    }
    expect(bodies.size).toBe(1)
  })

  test('a role that may not', async () => {
    const { callAs, addCaller, chat } = await open()
    const viewer = callAs(await addCaller('viewer', { dialect: 'agentrix' }))
    const members = [{ memberCode: world.agentId, type: 'agent' }]
    expectRefusal(await viewer('POST', '/v1/agentrix/chats', { members }), 403, 'FORBIDDEN', 'forbidden')
    expect((await viewer('GET', `/v1/chats/${chat.id}`)).statusCode).toBe(404)
  })

  test('an unknown path, another method, a badly encoded path', async () => {
    const { app, caller, call } = await open()
    for (const url of ['/v1/agentrix', '/v1/agentrix/tasks', '/v1/chats/a/b', '/agentrix/v1/nonsense']) {
      expectRefusal(await call('GET', url), 404, 'NOT_FOUND', 'not_found')
    }
    expectRefusal(await app.inject({ url: '/agentrix/v1/nonsense' }), 404, 'NOT_FOUND', 'not_found')
    const put = await call('PUT', start, {})
    expectRefusal(put, 405, 'METHOD_NOT_ALLOWED', 'method_not_allowed')
    expect(put.headers['allow']).toBe('POST')
    const badly = await app.inject({ url: '/v1/tasks/%E0%A4%A', headers: caller.headers })
    expectRefusal(badly, 400, 'INVALID_REQUEST', 'validation_error')
  })

  test('a conflict, an agent that takes no tasks, a model without a key', async () => {
    const { call, chat, start: startTask, agent, deps } = await open()
    const { taskId } = await startTask('say hi')
    await call('POST', `/v1/tasks/${taskId}/cancel`)
    expectRefusal(await call('POST', `/v1/tasks/${taskId}/resume`), 409, 'TASK_ENDED', 'conflict')
    const body = { chatId: chat.id, cloudId: 'cloud-default', message: { role: 'user', content: 'say hi' } }
    const change = async (over: object) => {
      await deps.store.commit({ write: [{ kind: 'save_agent', agent: { ...agent, ...over } }] })
    }
    await change({ state: 'paused' })
    expectRefusal(await call('POST', start, body), 409, 'AGENT_UNAVAILABLE', 'conflict')
    await change({ provider: 'anthropic', model: 'claude-sonnet-4-5' })
    expectRefusal(await call('POST', start, body), 400, 'MODEL_UNAVAILABLE', 'validation_error')
  })

  test.each([
    ['a limit that is reached', 'limit_exceeded', 429, 'RATE_LIMITED', 'rate_limited'],
    ['an overload', 'overloaded', 503, 'OVERLOADED', 'service_unavailable'],
    ['a storage that does not work', 'storage_unavailable', 503, 'STORAGE_UNAVAILABLE', 'service_unavailable'],
    ['a server that is stopping', 'shutting_down', 503, 'SHUTTING_DOWN', 'service_unavailable'],
  ] as const)('%s, which says when to try again', async (_, refused, status, code, error) => {
    const { call, chat, breaks } = await openBreakable()
    breaks.with = new Refusal(refused, 'Not now.', { retryAfterMs: 1_500 })
    const body = { chatId: chat.id, cloudId: 'cloud-default', message: { role: 'user', content: 'x' } }
    const answer = await call('POST', start, body)
    expectRefusal(answer, status, code, error)
    expect(answer.headers['retry-after']).toBe('2')
    breaks.with = undefined
  })

  test('a mistake of the server, of which nothing is told', async () => {
    const { call, chat, breaks, errors } = await openBreakable()
    breaks.with = new TypeError('secret detail of a defect')
    const body = { chatId: chat.id, cloudId: 'cloud-default', message: { role: 'user', content: 'x' } }
    const answer = await call('POST', start, body)
    expect(expectRefusal(answer, 500, 'INTERNAL_ERROR', 'internal_error')).toBe('Internal server error')
    expect(JSON.stringify(answer.headers)).not.toContain('secret')
    expect(errors).toHaveLength(1)
    breaks.with = undefined
  })
})

test('every code of the core has a status that is no success, and words of its own', async () => {
  await open()
  for (const code of refusalCodes) {
    const { status } = refusals.lines[code]
    expect(status).toBeGreaterThanOrEqual(400)
    expect(refusals.bodyOf(new Refusal(code, 'Why.'))).toEqual({
      code: expect.stringMatching(/^[A-Z_]+$/u),
      error: expect.stringMatching(/^[a-z_]+$/u),
      message: expect.stringMatching(/\S/u),
      ...(refusals.lines[code].code === 'INVALID_REQUEST' && { details: [{ message: 'Why.' }] }),
    })
  }
})

/** A world whose store fails with what the test says, when it says so. */
async function openBreakable() {
  const breaks: { with: Error | undefined } = { with: undefined }
  const wrapStore = (store: Store): Store => ({
    ...store,
    commit: async (commit) => {
      if (breaks.with !== undefined) throw breaks.with
      return store.commit(commit)
    },
  })
  return { ...(await open({ wrapStore })), breaks }
}
