import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../test/support/create-engine-world.ts'
import { openAttempt, statementOf } from '../../test/support/open-attempt.ts'
import { createScriptedTool } from '../../test/support/scripted-tool.ts'
import type { Decision, DecisionInputs } from '../domain/decision.ts'
import { bytesOfBase64 } from '../proof/base64.ts'
import { checkSignatures, openStatement } from '../proof/signed-statement.ts'
import type { Attempt } from './attempt.ts'
import { expiryOf, issueDecision, issueSettlement } from './issue-statements.ts'
import { newArguments } from './tool-arguments.ts'

const digestOf = (hex: string) => `sha256:${hex.repeat(64)}`
const tool = createScriptedTool('note', () => 'ok', { timeoutMs: 7_000 })
const open = {
  action: 'action-2',
  tool: 'note',
  call: 'call-1',
  arguments: newArguments('0'.repeat(32), {}).arguments,
  repeats: 'action-1',
  allowed: null,
  prompt: null,
  asked: null,
}
const settled = {
  step: 3,
  action: 'action-2',
  certificate: digestOf('c'),
  at: 9_000,
  outcome: 'settled',
  result: digestOf('d'),
  costMicrosUsd: 30,
  durationMs: 7,
  late: true,
  labels: ['phi'],
} as const

let world: EngineWorld
afterEach(() => world.close())

async function openWith(previous: string | null = null): Promise<Attempt> {
  world = await createEngineWorld({ tools: [tool], agent: { capabilities: ['test:*'] } })
  const attempt = await openAttempt(world)
  attempt.conversation.lastStatement = previous
  return attempt
}

function decided(attempt: Attempt, decision: Decision) {
  const principal = attempt.journal.snapshot.run.config.principal
  const inputs = { at: 5_000, principal } as DecisionInputs
  return {
    step: 3,
    open,
    tool,
    decision,
    inputs,
    argumentsDigest: digestOf('a'),
    inputsDigest: digestOf('b'),
    reservedMicrosUsd: 40,
    prompt: decision.answer === 'ask' ? { id: 'prompt-1', expiresAt: 9_000 } : null,
  }
}

/** What each statement about the action says of where it stands. */
function placeOf(attempt: Attempt) {
  const { run } = attempt.journal.snapshot
  const { logId, keyring } = attempt.deps.notary
  return {
    log_id: logId,
    key_id: keyring.current.keyId,
    task: run.taskId,
    run: run.id,
    attempt: 1,
    step: 3,
    action: 'action-2',
  }
}

const allow: Decision = { answer: 'allow', rules: ['policy:any'], reason: 'It may.' }

test('a certificate binds place, principal, tool, arguments, inputs, grants, policy, reservation and expiry', async () => {
  const attempt = await openWith(digestOf('e'))
  const { config } = attempt.journal.snapshot.run
  expect(statementOf(issueDecision(attempt, decided(attempt, allow)))).toEqual({
    ...placeOf(attempt),
    kind: 'certificate',
    previous: digestOf('e'),
    issued_at: 5_000,
    principal: { user: 'user-1', team: null, role: 'operator' },
    tool: 'note',
    arguments: digestOf('a'),
    inputs: digestOf('b'),
    capabilities: ['test:*'],
    policy: config.policy,
    parent: null,
    rules: ['policy:any'],
    reserved: { micros_usd: 40, tokens: 0, steps: 0 },
    repeats: 'action-1',
    expires_at: 5_000 + 60_000 + 7_000,
  })
})

test('an action that is denied gets a refusal record without a reservation', async () => {
  const attempt = await openWith()
  const deny: Decision = { answer: 'deny', rules: ['capability'], reason: 'It may not.' }
  const statement = statementOf(issueDecision(attempt, decided(attempt, deny)))
  expect(statement).toMatchObject({
    ...placeOf(attempt),
    kind: 'refusal',
    previous: null,
    issued_at: 5_000,
    tool: 'note',
    rules: ['capability'],
    reason: 'It may not.',
  })
  expect(Object.keys(statement)).not.toContain('reserved')
  expect(Object.keys(statement)).not.toContain('expires_at')
})

test('an action that a person has to approve gets a request that names its prompt and expires with it', async () => {
  const attempt = await openWith()
  const ask: Decision = { answer: 'ask', rules: ['approval_required'], reason: 'Somebody has to approve it.' }
  const statement = statementOf(issueDecision(attempt, decided(attempt, ask)))
  expect(statement).toMatchObject({
    ...placeOf(attempt),
    kind: 'ask',
    arguments: digestOf('a'),
    reason: 'Somebody has to approve it.',
    prompt: 'prompt-1',
    expires_at: 9_000,
  })
  expect(Object.keys(statement)).not.toContain('reserved')
})

test('a settlement binds certificate, outcome, result, cost, duration, lateness and labels', async () => {
  const attempt = await openWith(digestOf('e'))
  expect(statementOf(issueSettlement(attempt, settled))).toEqual({
    ...placeOf(attempt),
    kind: 'settlement',
    previous: digestOf('e'),
    issued_at: 9_000,
    certificate: digestOf('c'),
    outcome: 'settled',
    result: digestOf('d'),
    cost: { micros_usd: 30, tokens: 0, steps: 0 },
    duration_ms: 7,
    late: true,
    labels: ['phi'],
  })
})

test('a statement is signed with the current key of the notary', async () => {
  const attempt = await openWith()
  const { keyring } = attempt.deps.notary
  const opened = openStatement(issueSettlement(attempt, settled).envelope)
  if ('problem' in opened) throw new Error(opened.problem)
  const keyOf = (keyId: string) => bytesOfBase64(keyring.keys.find(({ key_id }) => key_id === keyId)?.public_key ?? '')
  expect(checkSignatures(opened, keyOf)).toBeUndefined()
  expect(opened.statement).toMatchObject({ key_id: keyring.current.keyId })
})

test('an action may begin within a minute and its own time of its certificate', () => {
  expect(expiryOf(1_000, tool)).toBe(68_000)
})
