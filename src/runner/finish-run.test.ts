import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../test/support/create-engine-world.ts'
import { driveToEnd, kindsOf, openAttempt, sayTo, submitSubTask } from '../../test/support/open-attempt.ts'
import { testPolicy } from '../../test/support/test-policies.ts'
import type { EventOf } from '../domain/event.ts'
import { noUsage } from '../domain/usage.ts'
import type { ModelResponse } from '../model/model.ts'
import type { Attempt, Pending } from './attempt.ts'
import { failRun, finishRun, sayResponse } from './finish-run.ts'

const response: ModelResponse = {
  text: 'done',
  reasoning: '',
  toolCalls: [],
  finish: 'stop',
  usage: noUsage,
  messages: null,
}

let world: EngineWorld
afterEach(() => world.close())

async function open(): Promise<Attempt> {
  world = await createEngineWorld()
  return openAttempt(world)
}

/** The record of a response with this text, which its run is to end with. */
function answered({ journal }: Attempt, text = 'done'): Pending {
  const released = { micros_usd: 0, tokens: 0 }
  const facts = { step: 1, finish: 'stop', usage: noUsage, cost_micros_usd: 0, released, calls: 0 }
  const content = text === '' ? undefined : journal.text(text)
  const event = journal.event('model.responded', facts, content === undefined ? {} : { text: content.digest })
  return { events: [event], contents: content === undefined ? [] : [content], statements: [] }
}

test('a run ends with the text of its answer, in the commit of that answer', async () => {
  const attempt = await open()
  const pending = answered(attempt)
  const { result, requests } = await driveToEnd(attempt, finishRun(attempt, 1, response, pending))
  expect(result).toEqual({ kind: 'ended', state: 'succeeded', configuration: false })
  expect(requests).toMatchObject([{ onlyIfUnchanged: true, contents: pending.contents }])
  expect(requests[0]?.events.slice(0, -1)).toEqual(pending.events)
  expect(requests[0]?.events.at(-1)).toMatchObject({
    kind: 'run.succeeded',
    facts: {},
    contents: { result: pending.contents[0]?.digest },
  })
  expect(attempt.journal.snapshot.run.state).toBe('succeeded')
})

test('a run whose answer holds no text ends with an empty result, which is kept', async () => {
  const attempt = await open()
  const { requests } = await driveToEnd(attempt, finishRun(attempt, 1, response, answered(attempt, '')))
  const [empty] = requests[0]?.contents ?? []
  expect(empty?.body).toBe('')
  expect(requests[0]?.events.at(-1)?.contents).toEqual({ result: empty?.digest })
})

test.each([
  ['allowed', 'allow', true, 'succeeded'],
  ['denied', 'deny', true, 'blocked'],
  ['asked about', 'ask', true, 'blocked'],
] as const)('a run whose last action was %s ends accordingly', async (_, lastAnswer, denied, state) => {
  const attempt = await open()
  Object.assign(attempt.conversation, { lastAnswer, denied })
  const { result, requests } = await driveToEnd(attempt, finishRun(attempt, 1, response, answered(attempt)))
  expect(result).toMatchObject({ state, configuration: false })
  const end = requests[0]?.events.at(-1)
  expect(end?.kind).toBe(`run.${state}`)
  if (state !== 'blocked') return
  expect((end as EventOf<'run.blocked'>).facts.error).toEqual({
    code: 'action_denied',
    message: 'The guard denied the last action that the agent wanted, and none was allowed after it.',
  })
  expect(end?.contents['result']).toBeDefined()
})

test.each([
  [true, 'blocked'],
  [false, 'succeeded'],
] as const)('under a policy that makes a denial final, a run that was denied (%s) ends %s', async (denied, state) => {
  const attempt = { ...(await open()), policy: testPolicy({ denial_is_final: true }) }
  Object.assign(attempt.conversation, { lastAnswer: 'allow', denied })
  const { result, requests } = await driveToEnd(attempt, finishRun(attempt, 1, response, answered(attempt)))
  expect(result).toMatchObject({ state })
  const facts = requests[0]?.events.at(-1)?.facts
  if (denied) expect(facts).toMatchObject({ error: { message: expect.stringContaining('makes that final') } })
})

test('an answer that a message overtook stands before that message as a step, and the run goes on', async () => {
  const attempt = await open()
  const pending = answered(attempt)
  await sayTo(world, attempt)
  const { result, requests } = await driveToEnd(attempt, finishRun(attempt, 1, response, pending))
  expect(result).toBeUndefined()
  expect(requests.at(-1)).toEqual({ ...pending, boundary: true })
  expect(kindsOf(await world.events(attempt.journal.snapshot.task.id)).slice(-2)).toEqual([
    'message.added',
    'model.responded',
  ])
  expect(attempt.conversation.messages).toMatchObject([
    { role: 'user', text: 'do it' },
    { role: 'assistant', text: 'done' },
    { role: 'user', text: 'wait' },
  ])
  expect(attempt.conversation.step).toBe(1)
})

test('what others append without a message keeps no run from its end', async () => {
  const attempt = await open()
  await submitSubTask(world, attempt, { steps: 1, tokens: 10 })
  const { result, requests } = await driveToEnd(attempt, finishRun(attempt, 1, response, answered(attempt)))
  expect(requests).toHaveLength(2)
  expect(result).toMatchObject({ state: 'succeeded' })
  expect(attempt.conversation.messages).toHaveLength(1)
})

test('a failed run ends in the commit of what was pending, and says whether the agent’s settings are at fault', async () => {
  const attempt = await open()
  const pending = answered(attempt)
  const error = { code: 'credential_refused', message: 'No.', configuration: true }
  const { result, requests } = await driveToEnd(attempt, failRun(attempt, error, pending))
  expect(result).toEqual({ kind: 'ended', state: 'failed', configuration: true })
  expect(requests).toHaveLength(1)
  expect(requests[0]?.contents).toEqual(pending.contents)
  expect(requests[0]?.events.at(-1)).toMatchObject({
    kind: 'run.failed',
    facts: { error: { code: 'credential_refused', message: 'No.' } },
  })
})

test('a failure that says nothing of the settings does not count against the agent', async () => {
  const attempt = await open()
  const { result } = await driveToEnd(attempt, failRun(attempt, { code: 'a', message: 'b' }, answered(attempt)))
  expect(result).toMatchObject({ configuration: false })
})

test('a response joins the conversation with what its provider sent, under the model that it came from', async () => {
  const attempt = await open()
  const toolCalls = [{ id: 'call-1', tool: 'note', input: {} }]
  sayResponse(attempt, 4, { ...response, toolCalls, messages: [{ raw: true }] })
  expect(attempt.conversation.step).toBe(4)
  expect(attempt.conversation.messages.at(-1)).toEqual({
    role: 'assistant',
    text: 'done',
    toolCalls,
    verbatim: { provider: 'scripted', model: 'scripted-1', messages: [{ raw: true }] },
  })
  sayResponse(attempt, 5, response)
  expect(attempt.conversation.messages.at(-1)).toMatchObject({ verbatim: null })
})
