import fastify, { type FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { afterEach, describe, expect, test } from 'vitest'
import { Refusal, type RefusalCode, refusalCodes } from '../../domain/refusal.ts'
import { runStates } from '../../domain/run-state.ts'
import { defineRefusals, eventStream, json, type RefusalForm, type RefusalLine } from './define-refusals.ts'

const schema = Type.Object({ message: Type.String() })

/** The table of a dialect: 400 for each code that is not named here. */
const linesOf = (named: Partial<Record<RefusalCode, RefusalLine>> = {}) =>
  Object.fromEntries(refusalCodes.map((code) => [code, named[code] ?? { status: 400 }])) as Record<
    RefusalCode,
    RefusalLine
  >

const define = (form: Partial<RefusalForm<RefusalLine>> = {}) =>
  defineRefusals({
    lines: linesOf(),
    schema,
    body: ({ code }, { message, status }, { requestId, at }) => ({ code, status, message, requestId, at }),
    describe: (code) => code,
    ...form,
  })

const refusal = new Refusal('task_not_found', 'There is no such task.')
const body = { code: 'task_not_found', status: 400, message: 'There is no such task.', requestId: '', at: 0 }

describe('the body of a refusal', () => {
  test('has the message of the refusal, and of no request unless one is given', () => {
    expect(define().bodyOf(refusal)).toEqual(body)
    expect(define().bodyOf(refusal, { requestId: 'r1', at: 7 })).toEqual({ ...body, requestId: 'r1', at: 7 })
  })

  test('has the message of its line, where the line has one', () => {
    const lines = linesOf({ task_not_found: { status: 404, message: 'Not here.' } })
    const written = define({ lines, statusOf: () => 'over' }).bodyOf(refusal)
    expect(written).toEqual({ ...body, status: 404, message: 'Not here.' })
  })

  test('has the message of the refusal where that names no state', () => {
    expect(define({ statusOf: () => 'over' }).bodyOf(refusal)).toEqual(body)
  })

  test('names the state by the word of the dialect', () => {
    const { bodyOf } = define({ statusOf: (state) => `is-${state}` })
    const messages = (['run_settled', 'task_busy', 'move_refused'] as const).map(
      (code) => (bodyOf(new Refusal(code, 'as the core says it', { state: 'paused' })) as { message: string }).message,
    )
    expect(messages).toEqual([
      'The task has ended: its status is "is-paused".',
      'The task is under way: its status is "is-paused". Try again when it has ended.',
      'The task cannot do this now: its status is "is-paused".',
    ])
  })

  test.each(runStates)('has the message of the core for the state %s where the dialect has no words', (state) => {
    const settled = new Refusal('run_settled', 'as the core says it', { state })
    expect(define().bodyOf(settled)).toMatchObject({ message: 'as the core says it' })
  })
})

test('the table of a dialect can be read', () => {
  const lines = linesOf()
  expect(define({ lines }).lines).toBe(lines)
})

describe('a refusal is sent', () => {
  let app: FastifyInstance
  afterEach(() => app.close())

  async function send(refused: Refusal, form: Partial<RefusalForm<RefusalLine>> = {}) {
    app = fastify({ genReqId: () => 'r1' })
    app.get('/', (_request, reply) => define(form).send(reply, refused, 7))
    return app.inject('/')
  }

  test('with its status, its envelope, its media type and the name of the request', async () => {
    const answer = await send(refusal, { lines: linesOf({ task_not_found: { status: 404 } }) })
    expect(answer.statusCode).toBe(404)
    expect(answer.json()).toEqual({ ...body, status: 404, requestId: 'r1', at: 7 })
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(answer.headers['x-request-id']).toBe('r1')
    expect(answer.headers).not.toHaveProperty('www-authenticate')
    expect(answer.headers).not.toHaveProperty('retry-after')
  })

  test('with the media type of the dialect', async () => {
    const answer = await send(refusal, { mediaType: 'application/problem+json' })
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/u)
  })

  test('with how to bring a key, where that is needed', async () => {
    const lines = linesOf({ unauthenticated: { status: 401 } })
    const answer = await send(new Refusal('unauthenticated', 'A key is needed.'), { lines })
    expect(answer.headers['www-authenticate']).toBe('Bearer')
  })

  test.each([
    [0, '1'],
    [1, '1'],
    [1_000, '1'],
    [1_001, '2'],
    [5_000, '5'],
  ])('with a retry after %i ms, which is told as %s s', async (retryAfterMs, seconds) => {
    const answer = await send(new Refusal('overloaded', 'Too much is waiting.', { retryAfterMs }))
    expect(answer.headers['retry-after']).toBe(seconds)
  })
})

describe('the answers of a route are described', () => {
  const well = { 200: json('It is done.', schema) }
  const refused = (description: string, codes: readonly RefusalCode[], mediaType = 'application/json') => ({
    description,
    content: { [mediaType]: { schema } },
    codes,
  })
  const toCallers: RefusalCode[] = [
    'internal',
    'limit_exceeded',
    'malformed_request',
    'shutting_down',
    'storage_unavailable',
    'unauthenticated',
  ]

  test('without a key: what anybody may be answered, and the refusals that are named', () => {
    expect(define().openAnswers(well)).toEqual({
      ...well,
      400: refused('internal, limit_exceeded', ['internal', 'limit_exceeded']),
    })
    const codes: RefusalCode[] = ['internal', 'limit_exceeded', 'task_not_found']
    expect(define().openAnswers(well, ['task_not_found'])).toEqual({ ...well, 400: refused(codes.join(', '), codes) })
  })

  test('with a key: what callers may be answered too, each code once and in the order of the alphabet', () => {
    const codes = [...toCallers, 'task_not_found' as const].sort()
    expect(define().answers(well, ['task_not_found', 'internal', 'task_not_found'])).toEqual({
      ...well,
      400: refused(codes.join(', '), codes),
    })
  })

  test('with a body: what callers with a body may be answered too', () => {
    const codes: RefusalCode[] = [
      ...toCallers,
      'invalid_input',
      'overloaded',
      'payload_too_large',
      'request_timeout',
      'task_busy',
      'unsupported_media_type',
    ]
    codes.sort()
    expect(define().answersToBody(well, ['task_busy'])).toEqual({ ...well, 400: refused(codes.join(', '), codes) })
  })

  test('by their status', () => {
    const lines = linesOf({
      internal: { status: 500 },
      task_not_found: { status: 404 },
      agent_not_found: { status: 404 },
    })
    expect(define({ lines }).openAnswers(well, ['task_not_found', 'agent_not_found'])).toEqual({
      ...well,
      400: refused('limit_exceeded', ['limit_exceeded']),
      404: refused('agent_not_found, task_not_found', ['agent_not_found', 'task_not_found']),
      500: refused('internal', ['internal']),
    })
  })

  test('with each description once, by the separator and in the media type of the dialect', () => {
    const describes = (code: RefusalCode, { status }: RefusalLine) =>
      code === 'internal' ? 'a fault' : `it is ${status}`
    const { openAnswers } = define({ describe: describes, separator: '; ', mediaType: 'application/problem+json' })
    expect(openAnswers(well, ['task_busy'])).toEqual({
      ...well,
      400: refused('a fault; it is 400', ['internal', 'limit_exceeded', 'task_busy'], 'application/problem+json'),
    })
  })

  test('where a route has its own answer of that status, it goes before the refusals', () => {
    const own = { 400: json('It was refused.', schema) }
    expect(define().openAnswers(own)).toEqual(own)
  })
})

test('an answer with a JSON body is described with its schema and its headers', () => {
  expect(json('It is done.', schema)).toEqual({
    description: 'It is done.',
    headers: [],
    content: { 'application/json': { schema } },
  })
  expect(json('It is made.', schema, ['Location'])).toMatchObject({ headers: ['Location'] })
})

test('a stream of events is described as text', () => {
  expect(eventStream).toEqual({ 'text/event-stream': { schema: { type: 'string' } } })
})
