import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld, type EngineWorldOptions } from '../../test/support/create-engine-world.ts'
import { callsOf, driveToEnd, kindsOf, openAttempt, openStartedAttempt } from '../../test/support/open-attempt.ts'
import type { ScriptedStep } from '../../test/support/scripted-models.ts'
import { createScriptedTool } from '../../test/support/scripted-tool.ts'
import { noUsage } from '../domain/usage.ts'
import type { Delta } from '../live/live.ts'
import { ModelError } from '../model/model.ts'
import { type Attempt, nothingPending } from './attempt.ts'
import { callModel } from './call-model.ts'

let world: EngineWorld
afterEach(() => world.close())

const budget = { micros_usd: 1_000_000, tokens: 1_000_000, steps: 100 }
const busy = new ModelError('provider_overloaded', 'Busy.', { retryable: true })

async function open(steps: readonly ScriptedStep[], options: EngineWorldOptions = {}): Promise<Attempt> {
  world = await createEngineWorld({ steps, ...options })
  return openStartedAttempt(world, { budget })
}

const ask = (attempt: Attempt) => driveToEnd(attempt, callModel(attempt, nothingPending()))

/** Asks, and lets the delay of each failed try pass. */
async function askPatiently(attempt: Attempt) {
  const asked = ask(attempt)
  let isDone = false
  const done = () => {
    isDone = true
  }
  asked.then(done, done)
  await world.clock.until(() => {
    if (!isDone && world.clock.waiting > 0) world.clock.advance(100)
    return isDone
  })
  return asked
}

test('a call that the claim reserved for is sent without a commit, and its response is left to the caller', async () => {
  const attempt = await open([{ text: 'done' }])
  const { result, requests } = await ask(attempt)
  expect(requests).toEqual([])
  expect(result).toMatchObject({
    kind: 'responded',
    response: { text: 'done' },
    events: [{ kind: 'model.responded', facts: { step: 1 } }],
    contents: [{ body: 'done' }],
    overdrawn: false,
  })
  expect(attempt.control.call).toMatchObject({ phase: 'sent', step: 1 })
})

test('the next step is reserved for together with what is pending, and its model is offered the tools of the run', async () => {
  world = await createEngineWorld({ tools: [createScriptedTool('note', () => 'ok')] })
  const attempt = await openAttempt(world, { budget })
  attempt.conversation.step = 1
  const pending = { ...nothingPending(), contents: [attempt.journal.text('kept')] }
  const { requests, result } = await driveToEnd(attempt, callModel(attempt, pending))
  expect(requests).toMatchObject([
    { contents: pending.contents, events: [{ kind: 'step.started', facts: { step: 2 } }] },
  ])
  expect(result).toMatchObject({ kind: 'responded', events: [{ facts: { step: 2 } }] })
  expect(callsOf(world)[0]?.tools.map(({ name }) => name)).toEqual(['note'])
})

test('a budget that does not pay for a call fails the step without asking the model', async () => {
  world = await createEngineWorld()
  const attempt = await openAttempt(world, { budget: { ...budget, steps: 1 } })
  const { result } = await ask(attempt)
  expect(result).toEqual({
    kind: 'failed',
    code: 'budget_exhausted',
    message: 'What is left of the budget does not pay for another call of the model.',
    configuration: false,
    pending: nothingPending(),
  })
  expect(callsOf(world)).toEqual([])
})

test('a failed try is recorded and tried again after its delay, and the deltas of both count on', async () => {
  const attempt = await open([{ text: 'a', throws: busy }, { text: 'b' }])
  const published: Delta[] = []
  attempt.deps.live.listen(attempt.journal.snapshot.task.id, (delta) => published.push(delta))
  const startedAt = world.clock.now()
  const { result, requests } = await askPatiently(attempt)
  expect(requests.map(({ events }) => kindsOf(events))).toEqual([['model.failed']])
  expect(result).toMatchObject({ kind: 'responded', response: { text: 'b' } })
  expect(callsOf(world)).toHaveLength(2)
  expect(world.clock.now() - startedAt).toBeGreaterThanOrEqual(375)
  expect(published.map(({ index, text }) => [index, text])).toEqual([
    [0, 'a'],
    [1, 'b'],
  ])
})

test('the tries of a step end where its time is over', async () => {
  const attempt = await open([{ throws: busy }], { limits: { step_timeout_seconds: 1 } })
  const { result } = await askPatiently(attempt)
  // The second try would be followed by a wait of 750 ms, of which less than 625 ms are left.
  expect(callsOf(world)).toHaveLength(2)
  expect(result).toMatchObject({ kind: 'failed', code: 'provider_overloaded' })
})

test('a failure for good fails the step with its code, and tells whether the settings of the agent are at fault', async () => {
  const throws = new ModelError('credential_refused', 'No.', { retryable: false, configuration: true })
  const { result, requests } = await ask(await open([{ throws }]))
  expect(requests).toEqual([])
  expect(result).toMatchObject({
    kind: 'failed',
    code: 'credential_refused',
    message: 'No.',
    configuration: true,
    pending: { events: [{ kind: 'model.failed' }] },
  })
})

test.each([
  ['used more than was reserved', 60_000, 'budget_overdrawn', ['model.failed', 'budget.overdrawn']],
  ['leaves too little of the budget', 500, 'budget_exhausted', ['model.failed']],
])('a failed call that %s fails the step with the name of that', async (_, inputTokens, code, kinds) => {
  const throws = new ModelError('provider_overloaded', 'Busy.', {
    retryable: true,
    usage: { ...noUsage, inputTokens },
  })
  world = await createEngineWorld({ steps: [{ throws }] })
  const attempt = await openStartedAttempt(world, { budget: { ...budget, tokens: 900 } })
  const { result } = await ask(attempt)
  if (result.kind !== 'failed') throw new Error(result.kind)
  expect(result).toMatchObject({ code, configuration: false })
  expect(kindsOf(result.pending.events)).toEqual(kinds)
})

test('a stop that comes while a failed try waits for the next one leaves that one unsent', async () => {
  const attempt = await open([{ throws: busy }])
  const asked = ask(attempt)
  await world.clock.until(() => world.clock.waiting > 0)
  attempt.control.pause()
  world.clock.advance(375)
  expect((await asked).result).toEqual({ kind: 'stopped', pending: nothingPending() })
  expect(callsOf(world)).toHaveLength(1)
  expect(attempt.control.call).toMatchObject({ phase: 'reserved', tryNumber: 2 })
})

test('a stop that comes while a call fails commits nothing, and its record is left to the boundary', async () => {
  const attempt = await open([{ throws: busy, before: () => attempt.control.pause() }])
  const { result, requests } = await ask(attempt)
  expect(requests).toEqual([])
  expect(result).toMatchObject({ kind: 'stopped', pending: { events: [{ kind: 'model.failed' }] } })
})

test('a stop that comes before the reservation leaves what is pending to the boundary', async () => {
  world = await createEngineWorld()
  const attempt = await openAttempt(world, { budget })
  const pending = { ...nothingPending(), contents: [attempt.journal.text('kept')] }
  const steps = callModel(attempt, pending)
  await steps.next(true)
  attempt.control.pause()
  // Others have appended: the reservation was not committed.
  expect(await steps.next(false)).toEqual({ done: true, value: { kind: 'stopped', pending } })
  expect(callsOf(world)).toEqual([])
})

test('an attempt that is aborted in its call ends with the reason of that, whatever the call says', async () => {
  const before = () => {
    attempt.control.abort('cancelled')
    throw busy
  }
  const attempt = await open([{ before }])
  await expect(ask(attempt)).rejects.toBe(attempt.control.signal.reason)
  expect(attempt.control.call).toMatchObject({ phase: 'sent' })
})

test('an attempt that is aborted before its call does not send it', async () => {
  const attempt = await open([{ text: 'done' }])
  attempt.control.abort('cancelled')
  await expect(ask(attempt)).rejects.toBe(attempt.control.signal.reason)
  expect(attempt.control.call).toMatchObject({ phase: 'reserved' })
  expect(callsOf(world)).toEqual([])
})

test('a defect is no failure of the model, and is not recorded as one', async () => {
  const attempt = await open([{ throws: new TypeError('x is not a function') }])
  await expect(ask(attempt)).rejects.toThrow(TypeError)
})
