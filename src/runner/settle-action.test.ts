import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../test/support/create-engine-world.ts'
import { openAttempt } from '../../test/support/open-attempt.ts'
import { openStatement } from '../proof/signed-statement.ts'
import { type Attempt, nothingPending } from './attempt.ts'
import type { OpenAction } from './conversation.ts'
import { refuseAction, settleAction, settleInterrupted } from './settle-action.ts'
import { newArguments } from './tool-arguments.ts'

const certificate = `sha256:${'c'.repeat(64)}`
const allowed: OpenAction = {
  action: 'action-1',
  tool: 'note',
  call: 'call-1',
  arguments: newArguments('0'.repeat(32), { text: 'a' }).arguments,
  repeats: null,
  allowed: { certificate, reservedMicrosUsd: 40 },
  prompt: null,
  asked: null,
}

function openSigned(envelope = '') {
  const opened = openStatement(envelope)
  return 'statement' in opened ? opened.statement : opened
}

let world: EngineWorld
afterEach(() => world.close())

async function open(action: OpenAction): Promise<Attempt> {
  world = await createEngineWorld()
  const attempt = await openAttempt(world)
  attempt.conversation.open = [action]
  return attempt
}

test('the event of a certified action and its signed settlement tell the same, at one instant', async () => {
  const attempt = await open(allowed)
  const pending = nothingPending()
  const result = attempt.journal.text('noted')
  const findings = attempt.journal.text('[]', 'application/json')
  const settlement = {
    outcome: 'settled',
    at: 5_000,
    result,
    findings,
    truncated: true,
    certificate,
    durationMs: 7,
    late: true,
  } as const
  settleAction(attempt, 2, allowed, pending, {
    ...settlement,
    labels: ['phi'],
    costMicrosUsd: 30,
    releasedMicrosUsd: 40,
  })
  const [event] = pending.events
  const [signed] = pending.statements
  expect(event).toMatchObject({
    kind: 'action.settled',
    at: 5_000,
    facts: {
      step: 2,
      action: 'action-1',
      outcome: 'settled',
      duration_ms: 7,
      cost_micros_usd: 30,
      released_micros_usd: 40,
      statement: signed?.digest,
      labels: ['phi'],
      late: true,
      truncated: true,
    },
    contents: { result: result.digest, findings: findings.digest },
  })
  expect(openSigned(signed?.envelope)).toMatchObject({
    kind: 'settlement',
    issued_at: 5_000,
    step: 2,
    action: 'action-1',
    certificate,
    outcome: 'settled',
    result: result.digest,
    cost: { micros_usd: 30 },
    duration_ms: 7,
    late: true,
    labels: ['phi'],
  })
  expect(pending.contents).toEqual([result, findings])
})

test('a settlement puts its labels and its statement into the conversation, and the next statement names it', async () => {
  const attempt = await open(allowed)
  const pending = nothingPending()
  settleAction(attempt, 1, allowed, pending, { outcome: 'settled', certificate, labels: ['phi', 'web'] })
  expect([...attempt.conversation.labels]).toEqual(['phi', 'web'])
  expect(attempt.conversation.lastStatement).toBe(pending.statements[0]?.digest)
  settleAction(attempt, 1, allowed, pending, { outcome: 'settled', certificate })
  expect(openSigned(pending.statements[1]?.envelope)).toMatchObject({ previous: pending.statements[0]?.digest })
})

test('an action without a certificate is settled by its event alone', async () => {
  const attempt = await open({ ...allowed, allowed: null })
  const pending = nothingPending()
  settleAction(attempt, 1, allowed, pending, { outcome: 'failed' })
  expect(pending.statements).toEqual([])
  expect(pending.events[0]?.facts).toMatchObject({ outcome: 'failed', cost_micros_usd: 0 })
  expect(pending.events[0]?.facts).toMatchObject({ late: undefined, truncated: undefined, labels: undefined })
  expect(pending.events[0]?.contents).toEqual({})
  expect(attempt.conversation.lastStatement).toBeNull()
})

test('a refused action has failed, costs nothing, and the model reads why', async () => {
  const attempt = await open({ ...allowed, allowed: null })
  const pending = nothingPending()
  refuseAction(attempt, 1, allowed, pending, 'There is no tool note.')
  expect(pending.events).toMatchObject([{ facts: { outcome: 'failed', cost_micros_usd: 0, released_micros_usd: 0 } }])
  expect(attempt.conversation.open).toEqual([])
  expect(attempt.conversation.messages.at(-1)).toMatchObject({
    role: 'tool',
    callId: 'call-1',
    failed: true,
    output: 'There is no tool note.',
  })
})

test('an interrupted action has an unknown outcome, and what was reserved for it is spent', async () => {
  const attempt = await open(allowed)
  const pending = nothingPending()
  settleInterrupted(attempt, 1, allowed, pending)
  expect(pending.events).toMatchObject([
    { facts: { outcome: 'unknown', cost_micros_usd: 40, released_micros_usd: 40 }, contents: {} },
  ])
  expect(openSigned(pending.statements[0]?.envelope)).toMatchObject({
    outcome: 'unknown',
    certificate,
    cost: { micros_usd: 40 },
    result: null,
    late: false,
    labels: [],
  })
})

test('an interrupted action that was never allowed costs nothing and has no statement', async () => {
  const attempt = await open({ ...allowed, allowed: null })
  const pending = nothingPending()
  settleInterrupted(attempt, 1, { ...allowed, allowed: null }, pending)
  expect(pending.statements).toEqual([])
  expect(pending.events).toMatchObject([{ facts: { outcome: 'unknown', cost_micros_usd: 0 } }])
})
