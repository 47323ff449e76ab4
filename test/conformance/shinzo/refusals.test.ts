import { afterEach, describe, expect, test } from 'vitest'
import type { ErrorBody } from '../../../src/api/dialects/shinzo/contract/error.ts'
import { refusals } from '../../../src/api/dialects/shinzo/refusals.ts'
import { Refusal, refusalCodes } from '../../../src/domain/refusal.ts'
import type { WorldOptions } from '../../support/create-world.ts'
import { anyInstant, openShinzo, type Shinzo } from './open-shinzo.ts'

let shinzo: Shinzo | undefined
afterEach(() => shinzo?.world.close())

type Wrap = NonNullable<WorldOptions['wrapStore']>
const failing =
  (error: () => Error): Wrap =>
  (store) => ({
    ...store,
    commit: (commit) =>
      commit.write.some(({ kind }) => kind === 'insert_task') ? Promise.reject(error()) : store.commit(commit),
    health: () => store.health(),
  })

interface Case {
  readonly what: string
  readonly options?: WorldOptions
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** `AGENT` stands for an agent that takes tasks. */
  readonly url?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly answer: readonly [status: number, code: string]
  readonly field?: string
  readonly retryAfter?: string
}

const good = JSON.stringify({ message: 'say hi' })
const absentTask = '/agent/AGENT/task/tsk_11111111222243338444555555555555'
const overloaded = () =>
  new Refusal('overloaded', 'Too much waits.', { limit: 'commits_waiting_max', retryAfterMs: 1_500 })

const cases: readonly Case[] = [
  { what: 'malformed JSON', body: '{', answer: [400, 'INVALID_REQUEST'] },
  { what: 'an empty body', body: '', answer: [400, 'INVALID_REQUEST'], field: 'message' },
  { what: 'a body that is no object', body: '[]', answer: [400, 'INVALID_REQUEST'], field: 'body' },
  { what: 'a name of JavaScript', body: '{"__proto__":{}}', answer: [400, 'INVALID_REQUEST'], field: 'message' },
  { what: 'another content type', headers: { 'content-type': 'text/plain' }, answer: [415, 'UNSUPPORTED_MEDIA_TYPE'] },
  { what: 'a body that is too large', options: { limits: { body_bytes_max: 9 } }, answer: [413, 'PAYLOAD_TOO_LARGE'] },
  { what: 'an unknown path', url: '/agent/AGENT/nothing', answer: [404, 'NOT_FOUND'] },
  {
    what: 'an unknown path under the mount',
    url: '/shinzo/v2',
    headers: { authorization: '' },
    answer: [404, 'NOT_FOUND'],
  },
  { what: 'a badly encoded path', method: 'GET', url: '/agent/%zz/task/x', answer: [400, 'INVALID_REQUEST'] },
  { what: 'another method', method: 'PUT', answer: [405, 'METHOD_NOT_ALLOWED'] },
  {
    what: 'another method with no key',
    method: 'DELETE',
    headers: { authorization: '' },
    answer: [405, 'METHOD_NOT_ALLOWED'],
  },
  { what: 'a bad field', body: '{"message":5}', answer: [400, 'INVALID_REQUEST'], field: 'message' },
  { what: 'no key', headers: { authorization: '' }, answer: [401, 'UNAUTHORIZED'] },
  { what: 'a wrong key', headers: { authorization: 'Bearer sk_shinzo_wrong' }, answer: [401, 'UNAUTHORIZED'] },
  { what: 'no key and malformed JSON', headers: { authorization: '' }, body: '{', answer: [401, 'UNAUTHORIZED'] },
  { what: 'an agent that is not there', url: '/agent/request/x', answer: [404, 'AGENT_NOT_FOUND'] },
  { what: 'a task that is not there', method: 'GET', url: absentTask, answer: [404, 'TASK_NOT_FOUND'] },
  { what: 'cancelling a task that is not there', url: `${absentTask}/cancel`, answer: [404, 'TASK_NOT_FOUND'] },
  {
    what: 'too much at once',
    options: { wrapStore: failing(overloaded) },
    answer: [503, 'OVERLOADED'],
    retryAfter: '2',
  },
  {
    what: 'a disk that refuses',
    options: { wrapStore: failing(() => new Refusal('storage_unavailable', 'The disk is full.')) },
    answer: [503, 'STORAGE_UNAVAILABLE'],
    retryAfter: '1',
  },
  {
    what: 'a defect of the server',
    options: { wrapStore: failing(() => new Error('secret detail')) },
    answer: [500, 'INTERNAL_ERROR'],
  },
]

describe('every failure has the same form', () => {
  test.each(cases)(
    '$what',
    async ({ options, method = 'POST', url, headers, body = good, answer: [status, code], field, retryAfter }) => {
      shinzo = await openShinzo({ started: false, ...options })
      const { world, caller, agent } = shinzo
      const answer = await world.app.inject({
        method,
        url: (url ?? '/agent/request/AGENT').replace('AGENT', agent.id),
        headers: { ...caller.headers, ...(method !== 'GET' && { 'content-type': 'application/json' }), ...headers },
        ...(method !== 'GET' && { payload: body }),
      })
      expect(answer.statusCode, answer.body).toBe(status)
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
      expect(answer.json()).toEqual({
        success: false,
        error: { code, message: expect.any(String), details: expect.any(Object) },
        meta: { request_id: answer.headers['x-request-id'], timestamp: expect.stringMatching(anyInstant) },
      })
      expect(answer.json().error.details.field).toBe(field)
      expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined)
      expect(answer.headers['retry-after']).toBe(retryAfter)
      expect(answer.body).not.toContain('secret detail')
      if (status === 405) expect(answer.headers['allow']).toBe('POST')
    },
  )

  test('names every bad field at once', async () => {
    shinzo = await openShinzo({ started: false })
    const { call, agent } = shinzo
    const body = { message: '', priority: 11, metadata: [], callback_mode: 'red' }
    const { details } = (await call('POST', `/agent/request/${agent.id}`, body)).json().error
    const names = details.fields.map(({ field }: { field: string }) => field)
    expect(names.sort()).toEqual(['callback_mode', 'message', 'metadata', 'priority'])
    expect(details.fields[0]).toEqual({ field: details.field, reason: details.reason })
  })

  test('each refusal of the core has a status and a code of its kind', () => {
    const detail = { fields: [{ field: 'a', message: 'is wrong' }], limit: 'files_max' }
    for (const name of refusalCodes) {
      const { status, code } = refusals.lines[name]
      expect([400, 401, 403, 404, 405, 408, 409, 413, 415, 429, 500, 503]).toContain(status)
      const { error } = refusals.bodyOf(new Refusal(name, 'Why.', detail)) as ErrorBody
      expect(error).toMatchObject({ code, details: { field: 'a', reason: 'is wrong', limit: 'files_max' } })
    }
    expect(refusals.lines.limit_exceeded).toEqual({ status: 429, code: 'RATE_LIMIT_EXCEEDED' })
    expect(refusals.lines.task_busy.status).toBe(409)
  })

  test('a model that the agent cannot use makes the agent unavailable', async () => {
    shinzo = await openShinzo({ started: false })
    const { call, addAgent } = shinzo
    const { id } = await addAgent({ provider: 'openai', model: 'x' })
    const answer = await call('POST', `/agent/request/${id}`, { message: 'say hi' })
    expect([answer.statusCode, answer.json().error.code]).toEqual([503, 'AGENT_UNAVAILABLE'])
  })
})

describe('a request that is not allowed is 400 and leaves nothing', () => {
  test.each([
    [{}, 'message'],
    [{ message: '' }, 'message'],
    [{ message: null }, 'message'],
    [{ message: ['x'] }, 'message'],
    [{ message: 'x'.repeat(101) }, 'message'],
    [{ message: 'x', priority: 0 }, 'priority'],
    [{ message: 'x', priority: 11 }, 'priority'],
    [{ message: 'x', priority: -1 }, 'priority'],
    [{ message: 'x', priority: 0.9 }, 'priority'],
    [{ message: 'x', priority: 10.1 }, 'priority'],
    [{ message: 'x', priority: '5' }, 'priority'],
    [{ message: 'x', timeout_override: 0 }, 'timeout_override'],
    [{ message: 'x', timeout_override: -1 }, 'timeout_override'],
    [{ message: 'x', timeout_override: 86_401 }, 'timeout_override'],
    [{ message: 'x', timeout_override: '60' }, 'timeout_override'],
    [{ message: 'x', metadata: 'x' }, 'metadata'],
    [{ message: 'x', metadata: [] }, 'metadata'],
    [{ message: 'x', metadata: { a: 'é'.repeat(30) } }, 'metadata'],
    [{ message: 'x', callback_mode: 'email' }, 'callback_mode'],
    [{ message: 'x', callback_mode: 'webhook' }, 'webhook_url'],
  ])('%j', async (body, field) => {
    shinzo = await openShinzo({ started: false, limits: { message_chars_max: 100, metadata_bytes_max: 50 } })
    const { world, call, agent } = shinzo
    const answer = await call('POST', `/agent/request/${agent.id}`, body)
    expect([answer.statusCode, answer.json().error.code], answer.body).toEqual([400, 'INVALID_REQUEST'])
    expect(answer.json().error.details.field).toBe(field)
    expect(await world.deps.store.listTasks({}, { limit: 1 })).toEqual([])
  })

  test.each([
    [{ message: 'x', priority: 1 }],
    [{ message: 'x', priority: 10 }],
    [{ message: 'x', priority: 5.5 }],
    [{ message: 'x', timeout_override: 86_400 }],
    [{ message: 'x', metadata: {} }],
    [{ message: 'x', callback_mode: 'poll' }],
  ])('%j is allowed', async (body) => {
    shinzo = await openShinzo({ started: false })
    expect((await shinzo.call('POST', `/agent/request/${shinzo.agent.id}`, body)).statusCode).toBe(202)
  })
})
