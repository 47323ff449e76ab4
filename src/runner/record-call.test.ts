import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../test/support/create-engine-world.ts'
import {
  callsOf,
  driveToEnd,
  kindsOf,
  openStartedAttempt,
  sayTo,
  submitSubTask,
} from '../../test/support/open-attempt.ts'
import type { Amounts } from '../domain/budget.ts'
import { noUsage } from '../domain/usage.ts'
import { ModelError, type ModelResponse } from '../model/model.ts'
import type { Attempt, CommitRequest } from './attempt.ts'
import { interruptCall, interruptOwnCall, recordFailure, recordResponse } from './record-call.ts'
import type { SentCall } from './reserved-call.ts'

let world: EngineWorld
afterEach(() => world.close())

/** An attempt whose first call is under way: thirty bytes of input were sent, and what `streamed` says has come. */
async function open(budget: Partial<Amounts> = {}, streamed = { text: '', reasoning: '', bytes: 0 }) {
  world = await createEngineWorld()
  const plenty = { micros_usd: 1_000_000, tokens: 1_000_000, steps: 100 }
  const attempt = await openStartedAttempt(world, { budget: { ...plenty, ...budget } })
  const { reserved } = attempt.control.call ?? { reserved: { micros_usd: 0, tokens: 0 } }
  const call: SentCall = { phase: 'sent', step: 1, tryNumber: 1, reserved, inputBytes: 30, streamed }
  attempt.control.call = call
  return { attempt, call }
}

const usage = { ...noUsage, inputTokens: 10, outputTokens: 5 }
const response: ModelResponse = { text: 'done', reasoning: '', toolCalls: [], finish: 'stop', usage, messages: null }

test('a response is recorded with its usage, its price, its calls and the reservation that it releases', async () => {
  const { attempt, call } = await open()
  const toolCalls = [{ id: 'call-1', tool: 'note', input: {} }]
  const { events, contents, overdrawn } = await recordResponse(attempt, call, { ...response, toolCalls })
  expect(overdrawn).toBe(false)
  expect(contents.map(({ body, mediaType }) => [body, mediaType])).toEqual([['done', 'text/plain']])
  expect(events).toMatchObject([{ kind: 'model.responded', contents: { text: contents[0]?.digest } }])
  expect(events[0]?.facts).toEqual({
    step: 1,
    finish: 'stop',
    usage,
    cost_micros_usd: 15,
    released: call.reserved,
    calls: 1,
    estimated: undefined,
  })
})

test('a usage that the provider did not tell is marked as estimated', async () => {
  const { attempt, call } = await open()
  const { events } = await recordResponse(attempt, call, { ...response, usageEstimated: true })
  expect(events[0]?.facts).toMatchObject({ estimated: true })
})

test('text, reasoning and the provider’s own messages are kept each, and what is empty is not', async () => {
  const { attempt, call } = await open()
  const { events, contents } = await recordResponse(attempt, call, {
    ...response,
    text: '',
    reasoning: 'hm',
    messages: [{ raw: 1 }],
  })
  expect(contents.map(({ body }) => body)).toEqual([
    'hm',
    '{"provider":"scripted","model":"scripted-1","messages":[{"raw":1}]}',
  ])
  expect(contents[1]?.mediaType).toBe('application/json')
  expect(events[0]?.contents).toEqual({ reasoning: contents[0]?.digest, provider: contents[1]?.digest })
})

test('a response that used more than was reserved is overdrawn, and its verbatim messages are not kept', async () => {
  const { attempt, call } = await open()
  const used = { ...noUsage, inputTokens: call.reserved.tokens, outputTokens: 1 }
  const recorded = await recordResponse(attempt, call, { ...response, usage: used, messages: [{ raw: 1 }] })
  expect(recorded.overdrawn).toBe(true)
  expect(recorded.contents.map(({ body }) => body)).toEqual(['done'])
  expect(kindsOf(recorded.events)).toEqual(['model.responded', 'budget.overdrawn'])
  const tokens = call.reserved.tokens + 1
  expect(recorded.events[1]?.facts).toEqual({
    of: 'step 1',
    reserved: call.reserved,
    used: { micros_usd: tokens, tokens },
  })
})

const busy = (detail: Partial<ConstructorParameters<typeof ModelError>[2]> = {}) =>
  new ModelError('provider_overloaded', 'Busy.', { retryable: true, ...detail })

/** Records this failure of the first call; a minute is left for the step. */
function fail(attempt: Attempt, call: SentCall, error: ModelError, leftMs = 60_000) {
  return driveToEnd(attempt, recordFailure(attempt, call, error, [], world.clock.now() + leftMs))
}

test('a failure that may be tried again is one commit with the reservation for the next try', async () => {
  const { attempt, call } = await open()
  const { result, requests } = await fail(attempt, call, busy({ usage }))
  expect(requests).toHaveLength(1)
  expect(requests[0]).toMatchObject({ onlyIfUnchanged: true, contents: [] })
  const [failed] = requests[0]?.events ?? []
  const next = attempt.control.call
  expect(failed).toMatchObject({
    kind: 'model.failed',
    facts: {
      step: 1,
      try: 1,
      code: 'provider_overloaded',
      message: 'Busy.',
      will_retry: true,
      retry_after_ms: 375,
      released: call.reserved,
      reserved: next?.reserved,
      usage,
      cost_micros_usd: 15,
    },
  })
  expect(next).toMatchObject({ phase: 'reserved', step: 1, tryNumber: 2 })
  expect(result).toEqual({ kind: 'retry', call: next, delayMs: 375 })
})

test.each([
  ['may not be tried again', { retryable: false }, 60_000, 1],
  ['asks for a longer wait than is left for the step', { retryAfterMs: 2_000 }, 2_000, 1],
  ['was the fifth try', {}, 60_000, 5],
])('a failure that %s commits nothing and reserves nothing', async (_, detail, leftMs, tryNumber) => {
  const { attempt, call } = await open()
  const { result, requests } = await fail(attempt, { ...call, tryNumber }, busy(detail), leftMs)
  expect(requests).toEqual([])
  expect(result).toMatchObject({ kind: 'failed', pending: { events: [{ kind: 'model.failed' }] } })
  const [failed] = result.kind === 'retry' ? [] : result.pending.events
  expect(failed?.facts).toMatchObject({ will_retry: false, try: tryNumber })
  expect(failed?.facts).not.toHaveProperty('reserved')
})

test('a provider is waited for as long as it asks, where the step has the time', async () => {
  const { attempt, call } = await open()
  const { result } = await fail(attempt, call, busy({ retryAfterMs: 2_000 }), 2_001)
  expect(result).toMatchObject({ kind: 'retry', delayMs: 2_000 })
})

test('a failed call that used more than was reserved is overdrawn, and is not tried again', async () => {
  const { attempt, call } = await open()
  const inputTokens = call.reserved.tokens + 1
  const { result, requests } = await fail(attempt, call, busy({ usage: { ...noUsage, inputTokens } }))
  expect(requests).toEqual([])
  expect(result).toMatchObject({
    kind: 'overdrawn',
    pending: {
      events: [
        { kind: 'model.failed', facts: { will_retry: false } },
        { kind: 'budget.overdrawn', facts: { of: 'step 1', reserved: call.reserved, used: { tokens: inputTokens } } },
      ],
    },
  })
})

test('a failure that leaves too little of the budget for another try ends there', async () => {
  const { attempt, call } = await open({ tokens: 900 })
  const spent = { ...noUsage, inputTokens: 500, outputTokens: 200 }
  const { result, requests } = await fail(attempt, call, busy({ usage: spent }))
  expect(requests).toEqual([])
  expect(result).toMatchObject({ kind: 'exhausted', pending: { events: [{ facts: { will_retry: false } }] } })
})

test('nothing is reserved for another try once a stop is requested', async () => {
  const { attempt, call } = await open()
  attempt.control.pause()
  const { result, requests } = await fail(attempt, call, busy())
  expect(requests).toEqual([])
  expect(result).toMatchObject({
    kind: 'stopped',
    pending: { events: [{ kind: 'model.failed', facts: { will_retry: true, retry_after_ms: 375 } }] },
  })
  const [failed] = result.kind === 'retry' ? [] : result.pending.events
  expect(failed?.facts).not.toHaveProperty('reserved')
})

test('the next try is planned anew where others have appended, with what they said', async () => {
  const { attempt, call } = await open()
  await sayTo(world, attempt)
  const { requests, result } = await fail(attempt, call, busy())
  expect(requests).toHaveLength(2)
  expect(result.kind).toBe('retry')
  const tokensOf = (request: CommitRequest | undefined) => {
    const [failed] = (request?.events ?? []).filter((event) => event.kind === 'model.failed')
    return failed?.facts.reserved?.tokens ?? 0
  }
  expect(tokensOf(requests[1])).toBe(tokensOf(requests[0]) + 16 + 'wait'.length)
})

test('the next try is planned from the budget that a sub-task has left', async () => {
  const { attempt, call } = await open({ tokens: 40_000 })
  await submitSubTask(world, attempt, { steps: 1, tokens: 5_000, micros_usd: 5_000 })
  const { requests } = await fail(attempt, call, busy({ usage: { ...noUsage, inputTokens: 20_000 } }))
  expect(requests).toHaveLength(2)
  expect(attempt.control.call?.reserved.tokens).toBe(15_000)
})

test('a call that the server ended is charged for what had come, and its texts are kept', async () => {
  const { attempt, call } = await open({}, { text: 'abc', reasoning: 'hm', bytes: 5 })
  const { events, contents, statements } = await interruptOwnCall(attempt, 'timed_out')
  expect(contents.map(({ body }) => body)).toEqual(['abc', 'hm'])
  expect(statements).toEqual([])
  expect(events).toMatchObject([
    {
      kind: 'model.interrupted',
      facts: { step: 1, try: 1, reason: 'timed_out', released: call.reserved, cost_micros_usd: 12, estimated: true },
      contents: { text: contents[0]?.digest, reasoning: contents[1]?.digest },
    },
  ])
})

test('a call that was not sent yet is ended without a charge and without a text', async () => {
  world = await createEngineWorld()
  const attempt = await openStartedAttempt(world)
  const { events, contents } = await interruptOwnCall(attempt, 'stopped')
  expect(contents).toEqual([])
  expect(events[0]?.facts).toEqual({ step: 1, try: 1, reason: 'stopped', released: attempt.control.call?.reserved })
  expect(callsOf(world)).toEqual([])
})

test('where no call is under way nothing is recorded', async () => {
  const { attempt } = await open()
  attempt.control.call = undefined
  expect(await interruptOwnCall(attempt, 'stopped')).toEqual({ events: [], contents: [], statements: [] })
})

test('a call that was lost with its process is ended for whoever found it, without a text', async () => {
  const { attempt } = await open()
  const { model } = attempt.journal.snapshot.run.config
  const reserved = { micros_usd: 70, tokens: 50 }
  const lost = { phase: 'lost', step: 4, tryNumber: 2, reserved } as const
  expect(await interruptCall(world.deps.models, model, lost, 'cancelled')).toEqual({
    facts: {
      step: 4,
      try: 2,
      reason: 'cancelled',
      released: reserved,
      usage: { ...noUsage, inputTokens: 50 },
      cost_micros_usd: 70,
      estimated: true,
    },
    text: '',
    reasoning: '',
  })
})
