import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld, type EngineWorldOptions } from '../../test/support/create-engine-world.ts'
import { openAttempt, statementOf, withConfig } from '../../test/support/open-attempt.ts'
import { createScriptedTool } from '../../test/support/scripted-tool.ts'
import { testPolicy } from '../../test/support/test-policies.ts'
import type { DecisionInputs } from '../domain/decision.ts'
import type { NewEvent } from '../domain/event.ts'
import type { JsonValue } from '../domain/json.ts'
import type { Tool } from '../tool/tool.ts'
import type { Attempt } from './attempt.ts'
import type { OpenAction } from './conversation.ts'
import { type Guarded, guardAction } from './guard-action.ts'
import { newArguments } from './tool-arguments.ts'

let world: EngineWorld
afterEach(() => world.close())

function noteTool(over: Partial<Tool> = {}) {
  return createScriptedTool('note', () => 'noted', over)
}

async function open(tools: readonly Tool[] = [noteTool()], options: EngineWorldOptions = {}): Promise<Attempt> {
  world = await createEngineWorld({ tools, ...options })
  return openAttempt(world, { budget: { micros_usd: 1_000_000, tokens: 1_000_000, steps: 100 } })
}

function wanted(input: JsonValue, tool = 'note'): OpenAction {
  const { arguments: made } = newArguments('5'.repeat(32), input)
  return {
    action: 'action-1',
    tool,
    call: 'call-1',
    arguments: made,
    repeats: null,
    allowed: null,
    prompt: null,
    asked: null,
  }
}

async function guarded(attempt: Attempt, input: JsonValue = { text: 'a' }, pending: readonly NewEvent[] = []) {
  const result = await guardAction(attempt, 2, wanted(input), pending)
  if (result.kind !== 'guarded') throw new Error(result.refusal)
  return result
}

async function refusalOf(attempt: Attempt, open: OpenAction) {
  const result = await guardAction(attempt, 2, open, [])
  if (result.kind !== 'unfit') throw new Error('the guard was asked')
  return result.refusal
}

const inputsOf = ({ contents }: Guarded) => JSON.parse(String(contents[0]?.body)) as DecisionInputs

test('a tool that the run does not have is unfit, installed or not, and the model reads which there are', async () => {
  const attempt = await open([noteTool(), createScriptedTool('mail', () => 'sent')], { agent: { tools: ['note'] } })
  expect(await refusalOf(attempt, wanted({ text: 'a' }, 'mail'))).toBe('There is no tool mail. There are: note.')
  const without = withConfig(attempt, { tools: [] })
  expect(await refusalOf(without, wanted({ text: 'a' }))).toBe('There is no tool note. There are: none.')
  const two = withConfig(attempt, { tools: ['note', 'mail'] })
  expect(await refusalOf(two, wanted({}, 'gone'))).toBe('There is no tool gone. There are: note, mail.')
})

test('arguments that are a text are unfit, and the model reads how the text begins', async () => {
  const attempt = await open()
  const long = `${'x'.repeat(199)}😀`
  expect(await refusalOf(attempt, wanted(long))).toBe(
    `The arguments of the tool note are no JSON object but text: ${'x'.repeat(199)}\ufffd`,
  )
})

test('arguments that the tool does not take are unfit, with each reason', async () => {
  const attempt = await open()
  const refusal = await refusalOf(attempt, wanted({ text: 1, more: true }))
  expect(refusal).toMatch(/^The arguments do not fit the tool note\. .+: .+; .+: .+$/u)
  expect(refusal).toContain('text: ')
})

test('arguments that are no object are unfit even for a tool that would take them', async () => {
  const attempt = await open([noteTool({ inputSchema: {} })])
  for (const input of [null, [1], 7]) expect(await refusalOf(attempt, wanted(input))).toContain('do not fit')
})

test('an allowed action is recorded with its decision, its inputs, its certificate and its price, all of one instant', async () => {
  const attempt = await open([noteTool({ costMicrosUsd: 40 })])
  const result = await guarded(attempt)
  const { decided, contents, statement } = result
  expect(result).toMatchObject({ answer: 'allow', input: { text: 'a' }, redacted: false, tool: { name: 'note' } })
  expect(contents).toHaveLength(1)
  expect(contents[0]?.mediaType).toBe('application/json')
  expect(decided).toMatchObject({
    kind: 'action.decided',
    at: inputsOf(result).at,
    facts: { step: 2, action: 'action-1', answer: 'allow', reserved_micros_usd: 40, statement: statement.digest },
    contents: { inputs: contents[0]?.digest },
  })
  expect(Object.keys(decided.contents)).toEqual(['inputs'])
  expect(statementOf(statement)).toMatchObject({
    kind: 'certificate',
    step: 2,
    action: 'action-1',
    issued_at: decided.at,
    arguments: wanted({ text: 'a' }).arguments.digest,
    inputs: contents[0]?.digest,
    reserved: { micros_usd: 40 },
    rules: decided.facts.rules,
  })
})

test('the instant of a decision is the one that it was made at, however long the guard took', async () => {
  const attempt = await open()
  const { verify } = world.deps.guard
  const slow: typeof verify = async (action) => {
    const result = await verify(action)
    world.clock.advance(500)
    return result
  }
  Object.assign(world.deps, { guard: { ...world.deps.guard, verify: slow } })
  const { decided } = await guarded(attempt)
  expect(decided.at).toBe(world.clock.now() - 500)
})

test('a denied action reserves nothing, has a refusal record, and the model reads the rules and the reason', async () => {
  const attempt = await open([noteTool({ costMicrosUsd: 40 })], { agent: { capabilities: ['other:*'] } })
  const { answer, decided, statement, refusal } = await guarded(attempt)
  expect(answer).toBe('deny')
  expect(decided.facts).toMatchObject({ answer: 'deny', rules: ['capability'], reserved_micros_usd: 0 })
  expect(statementOf(statement)).toMatchObject({ kind: 'refusal', rules: ['capability'] })
  expect(JSON.parse(refusal)).toEqual({
    denied: true,
    tool: 'note',
    rules: ['capability'],
    reason: decided.facts.reason,
  })
})

test('the inputs of a decision tell everything that it was made from', async () => {
  const attempt = await open([
    noteTool({
      access: 'fetch',
      sinks: ['network'],
      approvalCategories: ['mail'],
      capabilitiesFor: ({ text }) => [`test:${text}`],
      facetsOf: () => ({ host: 'example.org', path: 'a/b' }),
      costMicrosUsd: 7,
    }),
  ])
  attempt.conversation.labels.add('web').add('phi')
  const { task, run } = attempt.journal.snapshot
  expect(inputsOf(await guarded(attempt))).toEqual({
    version: 1,
    at: world.clock.now(),
    task: task.id,
    run: run.id,
    action: 'action-1',
    principal: { user: 'user-1', team: null, role: 'operator' },
    policy: run.config.policy,
    tool: 'note',
    access: 'fetch',
    required: ['test:a'],
    granted: ['*'],
    sinks: ['network'],
    approval_categories: ['mail'],
    host: 'example.org',
    path: 'a/b',
    arguments: wanted({ text: 'a' }).arguments.digest,
    findings: [],
    labels: ['phi', 'web'],
    cost_micros_usd: 7,
    ledger: task.ledger,
  })
})

test('half a character in what an action addresses is recorded as the character that stands for it', async () => {
  const half = '\ud800'
  const tool = noteTool({
    capabilitiesFor: () => [`test:${half}`],
    facetsOf: () => ({ host: half, path: `a/${half}` }),
  })
  const attempt = await open([tool])
  expect(inputsOf(await guarded(attempt))).toMatchObject({
    required: ['test:\ufffd'],
    host: '\ufffd',
    path: 'a/\ufffd',
  })
})

test('the price of an action is that of the tariff of its run, where there is one', async () => {
  const attempt = await open([noteTool({ costMicrosUsd: 40 })])
  const tariff = (prices: Readonly<Record<string, number>>) => withConfig(attempt, { toolCostsMicrosUsd: prices })
  expect((await guarded(tariff({ note: 9 }))).decided.facts.reserved_micros_usd).toBe(9)
  expect((await guarded(tariff({ note: 0 }))).decided.facts.reserved_micros_usd).toBe(0)
  expect((await guarded(tariff({ mail: 9 }))).decided.facts.reserved_micros_usd).toBe(40)
})

test('a decision counts what is pending before it: a budget that it uses up leaves nothing for the action', async () => {
  const attempt = await open([noteTool({ costMicrosUsd: 400_000 })])
  const { decided: first } = await guarded(attempt)
  expect(first.facts.answer).toBe('allow')
  const twice = await guarded(attempt, { text: 'a' }, [first])
  const { ledger } = attempt.journal.snapshot.task
  expect(inputsOf(twice).ledger.reserved.micros_usd).toBe(ledger.reserved.micros_usd + 400_000)
  const thrice = await guarded(attempt, { text: 'a' }, [first, first])
  expect(thrice.decided.facts).toMatchObject({ answer: 'deny', rules: ['budget'] })
})

test('redacted arguments are kept beside the decision, and its certificate binds them in place of the model’s', async () => {
  const content = { personal_data: 'redact', secrets: 'redact', blocked_keywords: [] } as const
  const policy = testPolicy({ content })
  const attempt = { ...(await open()), policy }
  const result = await guarded(attempt, { text: 'his is 123-45-6789' })
  const [, kept] = result.contents
  expect(result).toMatchObject({ redacted: true, input: { text: 'his is [redacted:ssn]' } })
  expect(kept?.body).toBe('{"text":"his is [redacted:ssn]"}')
  expect(kept?.salt).not.toBe('5'.repeat(32))
  expect(result.decided.contents).toEqual({ inputs: result.contents[0]?.digest, arguments: kept?.digest })
  expect(statementOf(result.statement)).toMatchObject({ arguments: kept?.digest })
})
