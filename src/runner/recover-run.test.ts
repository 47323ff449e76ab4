import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../test/support/create-engine-world.ts'
import { driveToEnd, kindsOf, openAttempt, statementOf } from '../../test/support/open-attempt.ts'
import { createScriptedTool } from '../../test/support/scripted-tool.ts'
import { noUsage } from '../domain/usage.ts'
import { type Attempt, nothingPending } from './attempt.ts'
import { type OpenAction, say } from './conversation.ts'
import { interruptActions, recoverCall, recoverRun, settleOpenActions } from './recover-run.ts'
import { newArguments } from './tool-arguments.ts'

const certificate = `sha256:${'c'.repeat(64)}`
const { arguments: made } = newArguments('0'.repeat(32), { text: 'a' })

function action(id: string, tool: string, isAllowed: boolean): OpenAction {
  const allowed = isAllowed ? { certificate, reservedMicrosUsd: 40 } : null
  return { action: id, tool, call: `call-${id}`, arguments: made, repeats: null, allowed, prompt: null, asked: null }
}

let world: EngineWorld
afterEach(() => world.close())

const performed: string[] = []

/** An attempt at a run that an earlier one has left with these actions open, in its third step. */
async function open(...actions: readonly OpenAction[]): Promise<Attempt> {
  performed.length = 0
  const perform = (name: string) => () => {
    performed.push(name)
    return 'ok'
  }
  const tools = [
    createScriptedTool('mail', perform('mail')),
    createScriptedTool('look', perform('look'), { safeToRepeat: true }),
  ]
  world = await createEngineWorld({ tools })
  const attempt = await openAttempt(world)
  const toolCalls = actions.map(({ call, tool }) => ({ id: call, tool, input: { text: 'a' } }))
  say(attempt.conversation, { role: 'assistant', text: '', toolCalls, verbatim: null })
  Object.assign(attempt.conversation, { step: 3, open: [...actions] })
  return attempt
}

test('an action that may have begun and is not safe to repeat has an unknown outcome, and the model reads so', async () => {
  const attempt = await open(action('1', 'mail', true))
  const { events, contents, statements } = interruptActions(attempt)
  expect(events).toMatchObject([
    {
      kind: 'action.settled',
      facts: { step: 3, action: '1', outcome: 'unknown', cost_micros_usd: 40, released_micros_usd: 40 },
      contents: { result: contents[0]?.digest },
    },
  ])
  expect(contents[0]?.body).toContain('Its outcome is unknown')
  expect(statementOf(statements[0])).toMatchObject({ kind: 'settlement', outcome: 'unknown', certificate })
  expect(attempt.conversation.open).toEqual([])
  expect(attempt.conversation.messages.at(-1)).toMatchObject({
    role: 'tool',
    callId: 'call-1',
    failed: true,
    output: contents[0]?.body,
  })
})

test('an action that is safe to repeat is requested again in its place, under a new id that names the first', async () => {
  const attempt = await open(action('1', 'look', true), action('2', 'mail', false))
  const { events, contents } = interruptActions(attempt)
  expect(kindsOf(events)).toEqual(['action.settled', 'action.requested'])
  expect(contents).toEqual([])
  const [again, other] = attempt.conversation.open
  expect(events[0]).toMatchObject({ facts: { action: '1', outcome: 'unknown' }, contents: {} })
  expect(events[1]).toMatchObject({
    facts: { step: 3, action: again?.action, tool: 'look', call: 'call-1', repeats: '1' },
    contents: { arguments: made.digest },
  })
  expect(again).toMatchObject({ tool: 'look', call: 'call-1', repeats: '1', allowed: null, arguments: made })
  expect(again?.action).not.toBe('1')
  expect(other).toEqual(action('2', 'mail', false))
})

test('an action whose tool is gone is not repeated', async () => {
  const attempt = await open(action('1', 'gone', true))
  expect(kindsOf(interruptActions(attempt).events)).toEqual(['action.settled'])
  expect(attempt.conversation.open).toEqual([])
})

test('an action that was not allowed yet stays open, and nothing is recorded of it', async () => {
  const attempt = await open(action('1', 'mail', false))
  expect(interruptActions(attempt)).toEqual(nothingPending())
  expect(attempt.conversation.open).toHaveLength(1)
})

test('the open actions of a run that ends are settled as unknown, in their order', async () => {
  const attempt = await open(action('1', 'look', true), action('2', 'mail', false))
  expect(settleOpenActions(attempt).events).toMatchObject([
    { facts: { step: 3, action: '1', outcome: 'unknown', cost_micros_usd: 40 } },
    { facts: { step: 3, action: '2', outcome: 'unknown', cost_micros_usd: 0 } },
  ])
})

test('a call that an earlier attempt did not end is charged as lost, and is not charged again', async () => {
  const attempt = await open()
  const reserved = { micros_usd: 7, tokens: 5 }
  attempt.conversation.call = { phase: 'lost', step: 3, tryNumber: 2, reserved }
  const { requests } = await driveToEnd(attempt, recoverCall(attempt))
  expect(requests).toMatchObject([{ contents: [], events: [{ kind: 'model.interrupted' }] }])
  expect(requests[0]?.events[0]?.facts).toEqual({
    step: 3,
    try: 2,
    reason: 'lost',
    released: reserved,
    usage: { ...noUsage, inputTokens: 5 },
    cost_micros_usd: 7,
    estimated: true,
  })
  expect((await driveToEnd(attempt, recoverCall(attempt))).requests).toEqual([])
})

test('a run that left nothing behind has nothing to recover', async () => {
  const attempt = await open()
  expect(await driveToEnd(attempt, recoverRun(attempt))).toEqual({
    result: { kind: 'settled', pending: nothingPending() },
    requests: [],
  })
})

test('recovery repeats what is safe to repeat, and runs what had not begun', async () => {
  const attempt = await open(action('1', 'look', true), action('2', 'mail', true), action('3', 'mail', false))
  const { requests, result } = await driveToEnd(attempt, recoverRun(attempt))
  expect(performed).toEqual(['look', 'mail'])
  expect(requests.map(({ events }) => kindsOf(events))).toEqual([
    ['action.settled', 'action.requested', 'action.settled', 'action.decided'],
    ['action.settled', 'action.decided'],
  ])
  expect(result.kind === 'settled' && kindsOf(result.pending.events)).toEqual(['action.settled'])
})
