import { afterEach, describe, expect, test } from 'vitest'
import type { ErrorBody } from '../../../src/api/dialects/certior/contract/error.ts'
import { refusals } from '../../../src/api/dialects/certior/refusals.ts'
import { Refusal, refusalCodes } from '../../../src/domain/refusal.ts'
import type { WorldOptions } from '../../support/create-world.ts'
import { type Certior, openCertior } from './open-certior.ts'

let certior: Certior
const open = async (options: WorldOptions = {}) => {
  certior = await openCertior({ started: false, ...options })
  return certior
}
afterEach(() => certior?.world.close())

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
  readonly status: number
  readonly options?: WorldOptions
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly url?: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

const absent = `/api/v1/executions/exec_${'1'.repeat(32)}`
const wrongKey = { authorization: `Bearer ck-${'x'.repeat(43)}` }
const overloaded = () =>
  new Refusal('overloaded', 'Too much waits.', { limit: 'commits_waiting_max', retryAfterMs: 1_500 })
const limited = () => new Refusal('limit_exceeded', 'Too many.', { limit: 'streams_max', retryAfterMs: 1_500 })
const defect = () => new Error('the secret detail')

/** Refused with a sentence. */
const sentences: readonly Case[] = [
  { what: 'malformed JSON', body: '{', status: 400 },
  { what: 'an empty body', body: '', status: 400 },
  { what: 'an unknown policy', body: '{"task": "x", "compliance_policy": "gdpr"}', status: 400 },
  { what: 'an empty policy', body: '{"task": "x", "compliance_policy": ""}', status: 400 },
  { what: 'a policy named like a property', body: '{"task": "x", "compliance_policy": "constructor"}', status: 400 },
  {
    what: 'a release stage that builds on nothing',
    body: '{"task": "x", "verification_profile": {"stage_role": "release", "upstream_execution_ids": []}}',
    status: 400,
  },
  { what: 'a model that the default provider lacks', body: '{"task": "x", "model": "no-such-model"}', status: 400 },
  { what: 'a badly encoded path', method: 'GET', url: '/api/v1/executions/%zz', status: 400 },
  { what: 'an unknown status', method: 'GET', url: '/api/v1/executions?status=done', status: 400 },
  { what: 'another content type', headers: { 'content-type': 'text/plain' }, status: 415 },
  { what: 'a form', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'task=x', status: 415 },
  { what: 'a body that is too large', options: { limits: { body_bytes_max: 10 } }, status: 413 },
  { what: 'an unknown path', url: '/api/v1/executions/1/2', status: 404 },
  { what: 'an unknown path under the mount', url: '/certior/api/v2/tasks', status: 404 },
  { what: 'an unknown path below a known prefix', method: 'GET', url: '/api/v1/workflows', status: 404 },
  { what: 'another method', method: 'PUT', status: 405 },
  { what: 'another method of the list', method: 'DELETE', url: '/api/v1/executions', status: 405 },
  { what: 'an execution that is not there', method: 'GET', url: absent, status: 404 },
  { what: 'cancelling what is not there', method: 'DELETE', url: absent, status: 404 },
  { what: 'what is no id', method: 'GET', url: '/api/v1/executions/7', status: 404 },
  { what: 'no key', method: 'GET', url: absent, headers: { authorization: '' }, status: 401 },
  { what: 'no key under the mount', url: '/certior/api/v1/tasks', headers: { authorization: '' }, status: 401 },
  { what: 'a wrong key', headers: wrongKey, status: 401 },
  { what: 'a wrong key with a bad body', headers: wrongKey, body: '{', status: 401 },
  { what: 'an older form of key', headers: { authorization: 'Bearer ck_1' }, status: 401 },
  {
    what: 'an empty key in the address',
    url: '/certior/api/v1/tasks?api_key=',
    headers: { authorization: '' },
    status: 401,
  },
  { what: 'a limit that is reached', options: { wrapStore: failing(limited) }, status: 429 },
  { what: 'a full server', options: { wrapStore: failing(overloaded) }, status: 503 },
  { what: 'a defect', options: { wrapStore: failing(defect) }, status: 500 },
]

describe('refusals that are a sentence', () => {
  test.each(sentences)(
    '$what is $status',
    async ({ options, method = 'POST', url = '/api/v1/tasks', status, ...wanted }) => {
      const { world, caller } = await open(options)
      const headers = { ...caller.headers, 'content-type': 'application/json', ...wanted.headers }
      const payload = method === 'GET' || method === 'DELETE' ? {} : { payload: wanted.body ?? '{"task": "say hi"}' }
      if (headers.authorization === '') Reflect.deleteProperty(headers, 'authorization')
      const answer = await world.app.inject({ method, url, headers, ...payload })
      expect(answer.statusCode, answer.body).toBe(status)
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
      expect(answer.json()).toEqual({ detail: expect.stringMatching(/\S/u) })
      expect(answer.body).not.toContain('secret detail')
      expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined)
      if (status === 405) expect(answer.headers['allow']).toMatch(/POST|GET/u)
      if (options?.wrapStore !== undefined && status !== 500) expect(answer.headers['retry-after']).toBe('2')
    },
  )

  test('a server that stops is 503', async () => {
    const { world, caller } = await open()
    const stopping = Promise.withResolvers<void>()
    const stopped = Promise.withResolvers<void>()
    world.app.addHook('preClose', async () => {
      stopping.resolve()
      await stopped.promise
    })
    const address = await world.listen()
    const closing = world.app.close()
    await stopping.promise
    const answer = await fetch(`${address}/api/v1/executions`, { headers: caller.headers })
    expect([answer.status, await answer.json()]).toEqual([503, { detail: expect.any(String) }])
    stopped.resolve()
    await closing
  })
})

/** Refused with what does not match: a body, where, and the short word for it. */
const mismatches: readonly [body: string, loc: readonly (string | number)[], type: string][] = [
  ['{}', ['body', 'task'], 'missing'],
  ['[]', ['body'], 'model_attributes_type'],
  ['"task"', ['body'], 'model_attributes_type'],
  ['{"task": 5}', ['body', 'task'], 'string_type'],
  ['{"task": null}', ['body', 'task'], 'string_type'],
  ['{"task": ""}', ['body', 'task'], 'string_too_short'],
  ['{"task": "x", "budget_cents": 99}', ['body', 'budget_cents'], 'greater_than_equal'],
  ['{"task": "x", "budget_cents": 1000001}', ['body', 'budget_cents'], 'less_than_equal'],
  ['{"task": "x", "budget_cents": 100.5}', ['body', 'budget_cents'], 'int_type'],
  ['{"task": "x", "budget_cents": "2000"}', ['body', 'budget_cents'], 'int_type'],
  ['{"task": "x", "budget_cents": null}', ['body', 'budget_cents'], 'int_type'],
  ['{"task": "x", "compliance_policy": 1}', ['body', 'compliance_policy'], 'string_type'],
  ['{"task": "x", "permissions": "all"}', ['body', 'permissions'], 'list_type'],
  ['{"task": "x", "permissions": ["a", 2]}', ['body', 'permissions', 1], 'string_type'],
  ['{"task": "x", "provider": "mistral"}', ['body', 'provider'], 'string_pattern_mismatch'],
  ['{"task": "x", "provider": true}', ['body', 'provider'], 'string_type'],
  ['{"task": "x", "model": {}}', ['body', 'model'], 'string_type'],
  ['{"task": "x", "webhook_url": []}', ['body', 'webhook_url'], 'string_type'],
  ['{"task": "x", "webhook_url": "mailto:a@b.example"}', ['body', 'webhook_url'], 'url_parsing'],
  ['{"task": "x", "api_key": "short"}', ['body', 'api_key'], 'string_too_short'],
  ['{"task": "x", "verification_profile": 1}', ['body', 'verification_profile'], 'model_attributes_type'],
  [
    '{"task": "x", "verification_profile": {"stage_role": "boss"}}',
    ['body', 'verification_profile', 'stage_role'],
    'string_pattern_mismatch',
  ],
]

describe('requests that do not match', () => {
  test.each(mismatches)('%s is 422 at %j', async (payload, loc, type) => {
    const { world, caller } = await open()
    const headers = { ...caller.headers, 'content-type': 'application/json' }
    const answer = await world.app.inject({ method: 'POST', url: '/api/v1/tasks', headers, payload })
    expect(answer.statusCode, answer.body).toBe(422)
    expect(answer.json()).toEqual({ detail: [{ loc, msg: expect.stringMatching(/\S/u), type }] })
  })

  test('all of them are named at once', async () => {
    const { call } = await open()
    const answer = await call('POST', '/api/v1/tasks', { budget_cents: 1, permissions: 'x' })
    const places = answer.json().detail.map(({ loc }: { loc: string[] }) => loc.join('.'))
    expect(places.sort()).toEqual(['body.budget_cents', 'body.permissions', 'body.task'])
  })

  test('a task that is too long, and a provider without a key, are 422 too', async () => {
    const { call } = await open({ limits: { message_chars_max: 5 } })
    const long = await call('POST', '/api/v1/tasks', { task: 'x'.repeat(6) })
    expect([long.statusCode, long.json().detail[0]]).toMatchObject([422, { loc: ['body', 'task'] }])
    const keyless = await call('POST', '/api/v1/tasks', { task: 'x', provider: 'openai' })
    expect(keyless.statusCode).toBe(422)
    expect(keyless.json().detail[0].loc[0]).toBe('body')
  })

  test('what does not match goes before the policy, the policy before the role, the role before the ceiling', async () => {
    const { world, call } = await open()
    const viewer = await world.addCaller('viewer', { dialect: 'certior' })
    const bad = { task: 'x', compliance_policy: 'gdpr', budget_cents: 1 }
    expect((await call('POST', '/api/v1/tasks', bad, viewer)).statusCode).toBe(422)
    expect((await call('POST', '/api/v1/tasks', { ...bad, budget_cents: 100 }, viewer)).statusCode).toBe(400)
    const release = { verification_profile: { stage_role: 'release' } }
    const beyond = { task: 'x', compliance_policy: 'hipaa', permissions: ['network:http:read'] }
    expect((await call('POST', '/api/v1/tasks', { ...beyond, ...release }, viewer)).statusCode).toBe(400)
    const sentence = await call('POST', '/api/v1/tasks', beyond, viewer)
    expect([sentence.statusCode, sentence.json()]).toEqual([403, { detail: expect.any(String) }])
    const structured = await call('POST', '/api/v1/tasks', beyond)
    expect([structured.statusCode, structured.json()]).toEqual([403, { detail: expect.any(Object) }])
  })
})

test('an agent that takes no tasks is the server’s trouble: 503', async () => {
  const { world, call } = await open()
  await world.call('POST', `/v1/agents/${world.agent.id}/pause`, {})
  const answer = await call('POST', '/api/v1/tasks', { task: 'x' })
  expect([answer.statusCode, answer.json()]).toEqual([503, { detail: expect.any(String) }])
})

test("an execution that is absent and one that is somebody else's are the same bytes", async () => {
  const { world, call, submit } = await open()
  const stranger = await world.addCaller('operator', { dialect: 'certior' })
  const theirs = `/api/v1/executions/${await submit({ task: 'x' }, stranger)}`
  for (const method of ['GET', 'DELETE'] as const) {
    const [one, two] = [await call(method, absent), await call(method, theirs)]
    expect([one.statusCode, two.statusCode]).toEqual([404, 404])
    expect(one.json()).toEqual({ detail: 'Execution not found' })
    expect(two.body).toBe(one.body)
  }
})

test('keys that are unknown, wrong or revoked are the same bytes', async () => {
  const { world } = await open()
  const revoked = await world.addCaller('operator', { dialect: 'certior', revokedAt: 1 })
  const known = await world.addCaller('operator', { dialect: 'certior' })
  const wrong = `${known.key.slice(0, -1)}${known.key.endsWith('x') ? 'y' : 'x'}`
  const bodies = new Set<string>()
  for (const key of [revoked.key, wrong, `ck-${'x'.repeat(43)}`]) {
    const headers = { authorization: `Bearer ${key}` }
    bodies.add((await world.app.inject({ url: '/api/v1/executions', headers })).body)
  }
  expect(bodies.size).toBe(1)
})

test.each(refusalCodes)('%s has a status and a body in one of the three forms', (code) => {
  const fields = [{ field: 'a.0', message: 'b' }]
  const denied = [{ permission: 'email:send', reason: 'forbidden_by_policy', detail: 'c' }] as const
  const { detail } = refusals.bodyOf(
    new Refusal(code, 'What is wrong.', { fields, denied, limit: 'streams_max' }),
  ) as ErrorBody
  const status = refusals.lines[code].status
  expect(status).toBeGreaterThanOrEqual(400)
  if (status === 422) expect(detail).toEqual([{ loc: ['body', 'a', 0], msg: 'b', type: 'value_error' }])
  else if (code === 'capability_denied') expect(detail).toEqual({ message: 'What is wrong.', denied })
  else expect(detail).toEqual(expect.any(String))
})
