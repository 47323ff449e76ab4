import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld, type EngineWorldOptions } from '../../test/support/create-engine-world.ts'
import { driveToEnd, openAttempt } from '../../test/support/open-attempt.ts'
import { createScriptedTool } from '../../test/support/scripted-tool.ts'
import type { EventOf } from '../domain/event.ts'
import { type Attempt, nothingPending, type Pending } from './attempt.ts'
import { say } from './conversation.ts'
import { requestActions, runToolCalls, type ToolCallsEnd } from './run-tool-calls.ts'

let world: EngineWorld
afterEach(() => world.close())

/** An attempt whose model has just asked for these calls of the tool `note`; `performed` are the texts that it was given. */
async function open(texts: readonly string[], options: EngineWorldOptions = {}) {
  const performed: unknown[] = []
  const note = createScriptedTool('note', ({ text }) => {
    performed.push(text)
    return `noted ${text}`
  })
  world = await createEngineWorld({ tools: [note], ...options })
  const attempt = await openAttempt(world)
  const calls = texts.map((text, at) => ({ id: `call-${at}`, tool: 'note', input: { text } }))
  say(attempt.conversation, { role: 'assistant', text: '', toolCalls: calls, verbatim: null })
  const { actions, events, contents } = requestActions(attempt, 1, calls)
  attempt.conversation.open = actions
  return { attempt, performed, pending: { events, contents, statements: [] } }
}

const kindsOf = (events: readonly { readonly kind: string }[]) => events.map(({ kind }) => kind)
const outputs = ({ conversation }: Attempt) =>
  conversation.messages.flatMap((message) => (message.role === 'tool' ? [message.output] : []))

test('the intents and the decision are handed over in one commit before the tool begins', async () => {
  const { attempt, performed, pending } = await open(['a'])
  const steps = runToolCalls(attempt, 1, pending)
  const first = await steps.next(true)
  expect(first.done).toBe(false)
  if (first.done) return
  expect(kindsOf(first.value.events)).toEqual(['action.requested', 'action.decided'])
  expect(first.value.statements).toHaveLength(1)
  expect(first.value.onlyIfUnchanged).toBe(true)
  expect(performed).toEqual([])
  await attempt.journal.commit(first.value)
  const last = await steps.next(true)
  expect(performed).toEqual(['a'])
  expect(last).toMatchObject({
    done: true,
    value: { kind: 'settled', pending: { events: [{ kind: 'action.settled' }] } },
  })
})

function settledOf(end: ToolCallsEnd): Pending {
  if (end.kind !== 'settled') throw new Error(`The calls ended as ${end.kind}.`)
  return end.pending
}

test('each action is settled in the commit of the next decision, and the last settlement is left to the caller', async () => {
  const { attempt, performed, pending } = await open(['a', 'b'])
  const { requests, result } = await driveToEnd(attempt, runToolCalls(attempt, 1, pending))
  expect(requests.map(({ events }) => kindsOf(events))).toEqual([
    ['action.requested', 'action.requested', 'action.decided'],
    ['action.settled', 'action.decided'],
  ])
  expect(kindsOf(settledOf(result).events)).toEqual(['action.settled'])
  expect(performed).toEqual(['a', 'b'])
  expect(outputs(attempt)).toEqual(['noted a', 'noted b'])
})

test('calls beyond the limit of a step are settled as failed, and neither the guard nor the tool sees them', async () => {
  const { attempt, performed, pending } = await open(['a', 'b', 'c'], { limits: { tool_calls_per_step_max: 1 } })
  const { requests, result } = await driveToEnd(attempt, runToolCalls(attempt, 1, pending))
  expect(requests).toHaveLength(1)
  expect(performed).toEqual(['a'])
  expect(settledOf(result).events.map((event) => (event as EventOf<'action.settled'>).facts.outcome)).toEqual([
    'settled',
    'failed',
    'failed',
  ])
  expect(outputs(attempt).slice(1)).toEqual(Array(2).fill(expect.stringContaining('tool_calls_per_step_max')))
})

test('a decision from a journal that has grown since is made again, and the tool runs once', async () => {
  const { attempt, performed, pending } = await open(['a'])
  const steps = runToolCalls(attempt, 1, pending)
  await steps.next(true)
  const again = await steps.next(false)
  expect(again).toMatchObject({ done: false, value: { events: [{}, { kind: 'action.decided' }] } })
  expect(performed).toEqual([])
  if (!again.done) await attempt.journal.commit(again.value)
  await steps.next(true)
  expect(performed).toEqual(['a'])
})

test('an action whose certificate was revoked before it began is denied, and its certificate cannot be revoked again', async () => {
  const { attempt, performed, pending } = await open(['a'])
  const steps = runToolCalls(attempt, 1, pending)
  const first = await steps.next(true)
  const certificate = first.done ? '' : (first.value.statements?.[0]?.digest ?? '')
  attempt.control.revoked.add(certificate)
  const last = await steps.next(true)
  expect(performed).toEqual([])
  expect(last).toMatchObject({
    value: { pending: { events: [{ kind: 'action.settled', facts: { outcome: 'denied' } }] } },
  })
  expect(attempt.control.used).toContain(certificate)
})

test('an action whose certificate has expired before its commit came is denied', async () => {
  const { attempt, performed, pending } = await open(['a'])
  const steps = runToolCalls(attempt, 1, pending)
  await steps.next(true)
  world.clock.advance(65_000) // a minute, and the five seconds of the tool
  const last = await steps.next(true)
  expect(performed).toEqual([])
  expect(last).toMatchObject({ value: { pending: { events: [{ facts: { outcome: 'denied' } }] } } })
})

test('a denied action is settled in the commit of its decision', async () => {
  const { attempt, performed, pending } = await open(['a'], { agent: { capabilities: [] } })
  const { requests, result } = await driveToEnd(attempt, runToolCalls(attempt, 1, pending))
  expect(requests.map(({ events }) => kindsOf(events))).toEqual([
    ['action.requested', 'action.decided', 'action.settled'],
  ])
  expect(settledOf(result)).toEqual(nothingPending())
  expect(performed).toEqual([])
})

test('a stop is offered a boundary before each action, and leaves the others open', async () => {
  const { attempt, performed, pending } = await open(['a', 'b'])
  const steps = runToolCalls(attempt, 1, pending)
  const first = await steps.next(true)
  if (!first.done) await attempt.journal.commit(first.value)
  attempt.control.pause()
  const boundary = await steps.next(true)
  expect(boundary).toMatchObject({ done: false, value: { boundary: true, events: [{ kind: 'action.settled' }] } })
  expect(performed).toEqual(['a'])
  expect(attempt.conversation.open).toHaveLength(1)
})
