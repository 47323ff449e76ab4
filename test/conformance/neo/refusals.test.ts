import { afterEach, expect, test } from 'vitest'
import { refusals } from '../../../src/api/dialects/neo/refusals.ts'
import { Refusal, type RefusalCode, refusalCodes } from '../../../src/domain/refusal.ts'
import type { WorldOptions } from '../../support/create-world.ts'
import { type Neo, openNeo } from './open-neo.ts'

let neo: Neo
afterEach(() => neo?.world.close())

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
  readonly url?: string
  readonly headers?: Record<string, string>
  readonly body?: string
  readonly status: number
  readonly code: string
  readonly id: RefusalCode
  readonly kind: string
}

const overloaded = () =>
  new Refusal('overloaded', 'Too much waits.', { limit: 'commits_waiting_max', retryAfterMs: 1_500 })
const good = JSON.stringify({ task: 'x', response_format: 'json' })
const absent = '/api/v1/tasks/11111111-2222-4333-8444-555555555555'

const cases: readonly Case[] = [
  {
    what: 'malformed JSON',
    body: '{',
    status: 400,
    code: 'malformed_request',
    id: 'malformed_request',
    kind: 'bad request',
  },
  {
    what: 'an empty body',
    body: '',
    status: 400,
    code: 'malformed_request',
    id: 'malformed_request',
    kind: 'bad request',
  },
  {
    what: 'a body that is no object',
    body: '[]',
    status: 400,
    code: 'validation_error',
    id: 'invalid_input',
    kind: 'bad request',
  },
  {
    what: 'another content type',
    headers: { 'content-type': 'text/plain' },
    status: 415,
    code: 'unsupported_media_type',
    id: 'unsupported_media_type',
    kind: 'unsupported media type',
  },
  {
    what: 'a body that is too large',
    options: { limits: { body_bytes_max: 100 } },
    body: JSON.stringify({ task: 'x'.repeat(200) }),
    status: 413,
    code: 'payload_too_large',
    id: 'payload_too_large',
    kind: 'payload too large',
  },
  {
    what: 'a text that is too long',
    options: { limits: { message_chars_max: 5 } },
    body: JSON.stringify({ task: 'x'.repeat(6) }),
    status: 400,
    code: 'validation_error',
    id: 'invalid_input',
    kind: 'bad request',
  },
  {
    what: 'an unknown path',
    url: '/api/v1/nothing',
    status: 404,
    code: 'route_not_found',
    id: 'route_not_found',
    kind: 'not found',
  },
  {
    what: 'an unknown path under the mount',
    url: '/neo/v2/tasks',
    headers: { authorization: '' },
    status: 404,
    code: 'route_not_found',
    id: 'route_not_found',
    kind: 'not found',
  },
  {
    what: 'a badly encoded path',
    method: 'GET',
    url: '/api/v1/tasks/%zz',
    status: 400,
    code: 'malformed_request',
    id: 'malformed_request',
    kind: 'bad request',
  },
  {
    what: 'another method',
    method: 'PUT',
    status: 405,
    code: 'method_not_allowed',
    id: 'method_not_allowed',
    kind: 'method not allowed',
  },
  {
    what: 'a bad field',
    body: '{"task":5}',
    status: 400,
    code: 'validation_error',
    id: 'invalid_input',
    kind: 'bad request',
  },
  {
    what: 'no key under the mount',
    url: '/neo/api/v1/tasks',
    headers: { authorization: '' },
    status: 401,
    code: 'unauthorized',
    id: 'unauthenticated',
    kind: 'unauthorized request',
  },
  {
    what: 'a wrong key',
    headers: { authorization: `Bearer neo_sk_${'x'.repeat(32)}` },
    status: 401,
    code: 'unauthorized',
    id: 'unauthenticated',
    kind: 'unauthorized request',
  },
  {
    what: 'a task that is not there',
    method: 'GET',
    url: absent,
    status: 404,
    code: 'task_not_found',
    id: 'task_not_found',
    kind: 'not found',
  },
  {
    what: 'a full server',
    options: { wrapStore: failing(overloaded) },
    status: 503,
    code: 'overloaded',
    id: 'overloaded',
    kind: 'service unavailable',
  },
  {
    what: 'a defect',
    options: { wrapStore: failing(() => new Error('the secret detail')) },
    status: 500,
    code: 'internal_error',
    id: 'internal',
    kind: 'internal error',
  },
]

test.each(cases)(
  '$what is refused in the words of Neo',
  async ({ options, method = 'POST', url = '/api/v1/tasks', ...wanted }) => {
    neo = await openNeo({ started: false, ...options })
    const headers = { ...neo.caller.headers, 'content-type': 'application/json', ...wanted.headers }
    const payload = method === 'GET' ? {} : { payload: wanted.body ?? good }
    const answer = await neo.world.app.inject({ method, url, headers, ...payload })
    expect(answer.statusCode, answer.body).toBe(wanted.status)
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    const body = answer.json()
    expect(body).toMatchObject({ code: wanted.code, error_id: wanted.id, kind: wanted.kind })
    expect(body.error).toEqual(expect.any(String))
    expect(body.message).toEqual(expect.any(String))
    expect(answer.body).not.toContain('secret detail')
    if (wanted.status === 401) expect(answer.headers['www-authenticate']).toBe('Bearer')
    if (wanted.status === 405) expect(answer.headers['allow']).toContain('POST')
    if (wanted.id === 'overloaded') expect(answer.headers['retry-after']).toBe('2')
  },
)

test('a role that may not create tasks is told so', async () => {
  neo = await openNeo({ started: false })
  const viewer = await neo.world.addCaller('viewer', { dialect: 'neo' })
  const answer = await neo.create({ task: 'x' }, {}, viewer)
  expect(answer.statusCode).toBe(403)
  expect(answer.json()).toMatchObject({ code: 'forbidden', kind: 'forbidden request', error_id: 'role_forbidden' })
})

test('an agent that takes no tasks is a conflict', async () => {
  neo = await openNeo({ started: false })
  await neo.world.call('POST', `/v1/agents/${neo.world.agent.id}/pause`, {})
  const answer = await neo.create({ task: 'x' })
  expect(answer.statusCode).toBe(409)
  expect(answer.json()).toMatchObject({ code: 'agent_unavailable', kind: 'conflict' })
})

test("a task that is absent and one that is somebody else's are the same bytes, on every path", async () => {
  neo = await openNeo({ started: false })
  const theirs = await neo.submit({ task: 'x' }, await neo.world.addCaller('operator', { dialect: 'neo' }))
  for (const rest of ['', '/stream', `/streams/${theirs.stream_id}`, '/share']) {
    const [one, two] = await Promise.all([neo.get(`${absent}${rest}`), neo.get(`/api/v1/tasks/${theirs.id}${rest}`)])
    expect(one.statusCode).toBe(404)
    expect(two.statusCode).toBe(404)
    expect(two.body).toBe(one.body)
  }
})

test('without a key the shared path answers so that clients of both its dialects can read it', async () => {
  neo = await openNeo({ started: false })
  const answer = await neo.create({ task: 'x' }, { authorization: '' })
  expect(answer.statusCode).toBe(401)
  expect(answer.json()).toMatchObject({ error: expect.any(String), code: 'unauthorized', detail: expect.any(String) })
})

test.each(refusalCodes)('%s has its line, and shows nothing but what it says', (code) => {
  const detail = { fields: [{ field: 'a', message: 'b' }], limit: 'streams_max' }
  const body = refusals.bodyOf(new Refusal(code, 'What is wrong.', detail))
  const { status, error, kind } = refusals.lines[code]
  expect(status).toBeGreaterThanOrEqual(400)
  expect(body).toEqual({
    error,
    code: expect.stringMatching(/^[a-z_]+$/u),
    error_id: code,
    kind,
    message: 'What is wrong.',
    details: detail.fields,
    limit: 'streams_max',
  })
})
