import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld, type EngineWorldOptions } from '../../test/support/create-engine-world.ts'
import {
  callsOf,
  driveToEnd,
  kindsOf,
  openAttempt,
  openStartedAttempt,
  sayTo,
  withConfig,
} from '../../test/support/open-attempt.ts'
import type { ScriptedStep } from '../../test/support/scripted-models.ts'
import { createScriptedTool } from '../../test/support/scripted-tool.ts'
import { noUsage } from '../domain/usage.ts'
import { ModelError } from '../model/model.ts'
import type { Attempt, CommitRequest } from './attempt.ts'
import { driveRun } from './drive-run.ts'
import { newArguments } from './tool-arguments.ts'

let world: EngineWorld
afterEach(() => world.close())

const performed: unknown[] = []
const note = createScriptedTool('note', ({ text }) => {
  performed.push(text)
  return `noted ${text}`
})
const call = (text: string) => ({ tool: 'note', input: { text } })

async function open(steps: readonly ScriptedStep[], options: EngineWorldOptions = {}): Promise<Attempt> {
  performed.length = 0
  world = await createEngineWorld({ steps, tools: [note], ...options })
  return openStartedAttempt(world)
}

const drive = (attempt: Attempt) => driveToEnd(attempt, driveRun(attempt))
const commitsOf = (requests: readonly CommitRequest[]) => requests.map(({ events }) => kindsOf(events))

test('a run whose model answers without a tool call ends with one commit', async () => {
  const { result, requests } = await drive(await open([{ text: 'done' }]))
  expect(result).toEqual({ kind: 'ended', state: 'succeeded', configuration: false })
  expect(commitsOf(requests)).toEqual([['model.responded', 'run.succeeded']])
})

test('a response is committed with its intents and the first decision, and a result with the start of the next step', async () => {
  const { requests } = await drive(await open([{ text: 'I note', calls: [call('a')] }, { text: 'done' }]))
  expect(commitsOf(requests)).toEqual([
    ['model.responded', 'action.requested', 'action.decided'],
    ['action.settled', 'step.started'],
    ['model.responded', 'run.succeeded'],
  ])
  expect(performed).toEqual(['a'])
  expect(requests[0]?.contents.map(({ body }) => body).slice(0, 2)).toEqual(['I note', '{"text":"a"}'])
  expect(callsOf(world)[1]?.messages).toMatchObject([
    { role: 'user', text: 'do it' },
    { role: 'assistant', text: 'I note', toolCalls: [{ tool: 'note' }] },
    { role: 'tool', output: 'noted a' },
  ])
})

test('a run fails when its steps are used up, with the results of the last one', async () => {
  const attempt = withConfig(await open([{ calls: [call('a')] }]), { stepsMax: 1 })
  const { result, requests } = await drive(attempt)
  expect(result).toMatchObject({ state: 'failed', configuration: false })
  expect(commitsOf(requests).at(-1)).toEqual(['action.settled', 'run.failed'])
  expect(requests.at(-1)?.events.at(-1)?.facts).toEqual({
    error: { code: 'steps_exhausted', message: 'The task used all of its 1 steps.' },
  })
  expect(callsOf(world)).toHaveLength(1)
})

test('a run fails with the error of its step', async () => {
  const throws = new ModelError('credential_refused', 'No.', { retryable: false, configuration: true })
  const { result, requests } = await drive(await open([{ throws }]))
  expect(result).toEqual({ kind: 'ended', state: 'failed', configuration: true })
  expect(commitsOf(requests)).toEqual([['model.failed', 'run.failed']])
})

test('a response that used more than was reserved fails the run, and its tool calls are not run', async () => {
  const attempt = await open([{ text: 'costly', calls: [call('a')] }])
  const { priceMicrosUsd } = world.deps.models
  const dearer: typeof priceMicrosUsd = async (choice, usage) =>
    (await priceMicrosUsd(choice, usage)) * (usage.inputTokens === 10 ? 100_000 : 1)
  Object.assign(world.deps.models, { priceMicrosUsd: dearer })
  const { result, requests } = await drive(attempt)
  expect(result).toMatchObject({ state: 'failed' })
  expect(commitsOf(requests)).toEqual([['model.responded', 'budget.overdrawn', 'run.failed']])
  expect(requests[0]?.contents.map(({ body }) => body)).toEqual(['costly'])
  expect(requests[0]?.events.at(-1)?.facts).toMatchObject({ error: { code: 'budget_overdrawn' } })
  expect(performed).toEqual([])
})

test('a message that came while tools ran is read before the next step', async () => {
  const attempt = await open([{ calls: [call('a')] }, { text: 'done' }])
  const steps = driveRun(attempt)
  const first = await steps.next(true)
  if (first.done) throw new Error('the run has ended')
  await attempt.journal.commit(first.value)
  await sayTo(world, attempt)
  attempt.control.hasNewEvents = true
  const next = await steps.next(true)
  expect(attempt.conversation.messages.at(-1)).toEqual({ role: 'user', text: 'wait' })
  expect(next).toMatchObject({ done: false, value: { events: [{ kind: 'action.settled' }, { kind: 'step.started' }] } })
})

test('a message that came after a step was reserved for is read only after that step', async () => {
  const attempt = await open([{ text: 'done' }])
  await sayTo(world, attempt)
  attempt.control.hasNewEvents = true
  const { requests } = await drive(attempt)
  expect(callsOf(world)[0]?.messages).toHaveLength(1)
  expect(callsOf(world)[1]?.messages).toHaveLength(3)
  expect(requests.filter(({ boundary }) => boundary).map(({ events }) => kindsOf(events))).toEqual([
    ['model.responded'],
  ])
})

test.each([
  ['pause', 'stopped'],
  ['handBack', 'handed_back'],
] as const)(
  'a run that stops by %s before its call is sent gives the reservation back at the boundary',
  async (how, reason) => {
    const attempt = await open([{ text: 'done' }])
    attempt.control[how]()
    const first = await driveRun(attempt).next(true)
    expect(first).toMatchObject({
      done: false,
      value: {
        boundary: true,
        events: [{ kind: 'model.interrupted', facts: { step: 1, reason, released: attempt.control.call?.reserved } }],
      },
    })
    expect(first.value).not.toHaveProperty('events.0.facts.usage')
    expect(callsOf(world)).toEqual([])
  },
)

test('a run that stops after its actions commits their results at the boundary, and only once', async () => {
  const attempt = await open([{ calls: [call('a')] }, { text: 'done' }])
  const steps = driveRun(attempt)
  const first = await steps.next(true)
  if (!first.done) await attempt.journal.commit(first.value)
  attempt.control.pause()
  attempt.control.call = undefined
  const boundary = await steps.next(true)
  expect(boundary).toMatchObject({ value: { boundary: true, events: [{ kind: 'action.settled' }] } })
  attempt.control.withdrawPause()
  const next = await steps.next(true)
  expect(next).toMatchObject({ value: { events: [{ kind: 'step.started' }] } })
})

test('a step that a stop interrupted begins anew where the stop is withdrawn', async () => {
  const throws = new ModelError('provider_overloaded', 'Busy.', { retryable: true })
  const attempt = await open([{ throws, before: () => attempt.control.pause() }, { text: 'done' }])
  const steps = driveRun(attempt)
  const boundary = await steps.next(true)
  expect(boundary).toMatchObject({ value: { boundary: true, events: [{ kind: 'model.failed' }] } })
  if (boundary.done) throw new Error('the run has ended')
  await attempt.journal.commit(boundary.value)
  attempt.control.call = undefined
  attempt.control.withdrawPause()
  const next = await steps.next(true)
  expect(next).toMatchObject({ value: { events: [{ kind: 'step.started', facts: { step: 1 } }] } })
})

test('a run whose own key is lost fails, its open action settled as unknown and its lost call charged', async () => {
  const attempt = withConfig(await open([{ text: 'done' }]), { ownKey: true })
  const reserved = { micros_usd: 7, tokens: 5 }
  attempt.conversation.call = { phase: 'lost', step: 1, tryNumber: 1, reserved }
  const { arguments: made } = newArguments('0'.repeat(32), { text: 'a' })
  const action = {
    action: 'action-1',
    tool: 'note',
    call: 'call-1',
    arguments: made,
    repeats: null,
    allowed: null,
    prompt: null,
    asked: null,
  }
  attempt.conversation.open = [action]
  const { result, requests } = await drive(attempt)
  expect(result).toEqual({ kind: 'ended', state: 'failed', configuration: false })
  expect(commitsOf(requests)).toEqual([['model.interrupted'], ['action.settled', 'run.failed']])
  expect(requests[0]?.events[0]?.facts).toMatchObject({ reason: 'lost', usage: { ...noUsage, inputTokens: 5 } })
  expect(requests[1]?.events.map(({ facts }) => facts)).toMatchObject([
    { outcome: 'unknown' },
    { error: { code: 'credential_lost', message: expect.stringContaining('was lost when the server stopped') } },
  ])
  expect(callsOf(world)).toEqual([])
})

test('a run goes on while its own key is there', async () => {
  const attempt = withConfig(await open([{ text: 'done' }]), { ownKey: true })
  world.deps.runKeys.set(attempt.journal.snapshot.run.id, 'sk-own')
  expect((await drive(attempt)).result).toMatchObject({ state: 'succeeded' })
  expect(callsOf(world)[0]?.apiKey).toBe('sk-own')
})

test('what an earlier attempt left behind is settled before the model is asked', async () => {
  world = await createEngineWorld({ steps: [{ text: 'done' }], tools: [note] })
  const attempt = await openAttempt(world)
  attempt.conversation.call = { phase: 'lost', step: 1, tryNumber: 1, reserved: { micros_usd: 7, tokens: 5 } }
  const { requests } = await drive(attempt)
  expect(commitsOf(requests)).toEqual([['model.interrupted'], ['step.started'], ['model.responded', 'run.succeeded']])
})
