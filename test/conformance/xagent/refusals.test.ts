import { afterEach, describe, expect, test } from 'vitest'
import { Refusal } from '../../../src/domain/refusal.ts'
import { openXagent, type Xagent } from './open-xagent.ts'

let xagent: Xagent
const open = async (options?: Parameters<typeof openXagent>[0]) => {
  xagent = await openXagent(options)
  return xagent
}
afterEach(() => xagent.world.close())

const json = { 'content-type': 'application/json' }
const create = { method: 'POST', url: '/v1/chat/tasks' } as const
const big = JSON.stringify({ agent_id: 1, message: { content: 'x'.repeat(3_000) } })

describe('a refusal', () => {
  test.each<[string, object, number, string]>([
    ['malformed JSON', { ...create, headers: json, payload: '{"agent_id":' }, 422, 'invalid_input'],
    ['a list', { ...create, headers: json, payload: '[]' }, 422, 'invalid_input'],
    ['no body', { ...create }, 422, 'invalid_input'],
    ['a form', { ...create, headers: { 'content-type': 'text/plain' }, payload: 'a' }, 415, 'unsupported_media_type'],
    ['too large a body', { ...create, headers: json, payload: big }, 413, 'payload_too_large'],
    ['an unknown path', { method: 'GET', url: '/v1/chat/nonsense' }, 404, 'not_found'],
    ['an unknown path of the mount', { method: 'GET', url: '/xagent/nonsense' }, 404, 'not_found'],
    ['a badly encoded path', { method: 'GET', url: '/v1/chat/tasks/%zz' }, 422, 'invalid_input'],
    ['another method', { method: 'DELETE', url: '/v1/chat/tasks' }, 405, 'method_not_allowed'],
    ['another method on a task', { method: 'PUT', url: '/v1/chat/tasks/1' }, 405, 'method_not_allowed'],
    ['an absent task', { method: 'GET', url: '/v1/chat/tasks/999' }, 404, 'task_not_found'],
  ])('of %s is worded as all of them are', async (_name, request: { headers?: object }, status, code) => {
    const { world, caller } = await open({ limits: { body_bytes_max: 2_000 } })
    const answer = await world.app.inject({ ...request, headers: { ...request.headers, ...caller.headers } })
    expect([answer.statusCode, answer.headers['content-type']], answer.body).toEqual([
      status,
      'application/json; charset=utf-8',
    ])
    const { error, ...rest } = answer.json()
    expect(rest).toEqual({})
    expect(error).toMatchObject({ code, message: expect.any(String) })
    if (status === 405) expect(answer.headers['allow']).toMatch(/GET|POST/u)
  })

  const message = { content: 'say hi' }
  test.each<[string, object, string[]]>([
    ['no agent', { message }, ['agent_id']],
    ['an agent as text', { agent_id: '1', message }, ['agent_id']],
    ['an agent that is no whole number', { agent_id: 1.5, message }, ['agent_id']],
    ['null for the agent', { agent_id: null, message }, ['agent_id']],
    ['no message', { agent_id: 1 }, ['message']],
    ['a message as text', { agent_id: 1, message: 'say hi' }, ['message']],
    ['no content', { agent_id: 1, message: {} }, ['message.content']],
    ['empty content', { agent_id: 1, message: { content: '' } }, ['message.content']],
    ['content that is no text', { agent_id: 1, message: { content: 7 } }, ['message.content']],
    ['another role', { agent_id: 1, message: { role: 'assistant', content: 'hi' } }, ['message.role']],
    ['files that are no ids', { agent_id: 1, message: { content: 'hi', files: [7] } }, ['message.files.0']],
    ['metadata that is no object', { agent_id: 1, message, metadata: [] }, ['metadata']],
    ['too much metadata', { agent_id: 1, message, metadata: { a: 'x'.repeat(200) } }, ['metadata']],
    ['too long a message', { agent_id: 1, message: { content: 'x'.repeat(200) } }, ['message.content']],
    [
      'a context that is no list',
      { agent_id: 1, message, connector_runtime_context: {} },
      ['connector_runtime_context'],
    ],
  ])('of %s is 422 invalid_input and names the field, whoever the agent is', async (_name, body, fields) => {
    const { call } = await open({ limits: { metadata_bytes_max: 100, message_chars_max: 100 } })
    for (const url of ['/v1/chat/tasks', '/v1/chat/tasks/999/messages']) {
      const answer = await call('POST', url, body)
      expect(answer.statusCode, answer.body).toBe(422)
      const { code, details } = answer.json().error
      expect(code).toBe('invalid_input')
      expect(details.map(({ field }: { field: string }) => field)).toEqual(fields)
    }
  })

  test('that is our own mistake says nothing of it: 500 internal_error', async () => {
    const broken = { now: false }
    const { call, bodyOf, world } = await open({
      wrapStore: (store) => ({
        ...store,
        commit: (commit) => (broken.now ? Promise.reject(new Error('the secret reason')) : store.commit(commit)),
      }),
    })
    broken.now = true
    const answer = await call('POST', '/v1/chat/tasks', bodyOf('say hi'))
    expect(answer.statusCode).toBe(500)
    expect(answer.json()).toEqual({ error: { code: 'internal_error', message: expect.any(String) } })
    expect(answer.body).not.toContain('secret')
    expect(world.errors).toHaveLength(1)
  })

  test.each([
    ['overloaded', 503, 'temporarily_unavailable'],
    ['storage_unavailable', 500, 'internal_error'],
  ] as const)('of a server that is %s is %s with a Retry-After', async (code, status, shown) => {
    const refused = { now: false }
    const { call, bodyOf } = await open({
      wrapStore: (store) => ({
        ...store,
        commit: (commit) =>
          refused.now ? Promise.reject(new Refusal(code, 'Not now.', { retryAfterMs: 1_500 })) : store.commit(commit),
      }),
    })
    refused.now = true
    const answer = await call('POST', '/v1/chat/tasks', bodyOf('say hi'))
    expect([answer.statusCode, answer.json().error.code]).toEqual([status, shown])
    expect(answer.headers['retry-after']).toBe('2')
  })

  test('of an agent that takes no tasks is 503 temporarily_unavailable', async () => {
    const { call, addAgent, addAgentCaller, caller } = await open()
    const paused = await addAgent({ ownerId: caller.user.id, state: 'paused' })
    const who = await addAgentCaller(paused.id, { userId: caller.user.id })
    const answer = await call('POST', '/v1/chat/tasks', { agent_id: paused.number, message }, who)
    expect([answer.statusCode, answer.json().error.code]).toEqual([503, 'temporarily_unavailable'])
  })

  test('of a key that may only read is 403 forbidden', async () => {
    const { call, bodyOf, addAgentCaller, world } = await open()
    const viewer = await addAgentCaller(world.agent.id, {}, 'viewer')
    const answer = await call('POST', '/v1/chat/tasks', bodyOf('say hi'), viewer)
    expect([answer.statusCode, answer.json().error.code]).toEqual([403, 'forbidden'])
  })
})
