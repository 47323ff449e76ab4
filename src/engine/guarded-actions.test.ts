import { afterEach, expect, test } from 'vitest'
import { openSigned } from '../../test/support/closing-world.ts'
import { createEngineWorld, type EngineWorld, type EngineWorldOptions } from '../../test/support/create-engine-world.ts'
import { createInlineWorkerPool } from '../../test/support/inline-worker-pool.ts'
import type { ScriptedModels, ScriptedStep } from '../../test/support/scripted-models.ts'
import { createScriptedTool } from '../../test/support/scripted-tool.ts'
import { testPolicy } from '../../test/support/test-policies.ts'
import { type CommitHooks, watchCommits } from '../../test/support/watch-commits.ts'
import type { EventKind, EventOf, JournalEvent } from '../domain/event.ts'
import type { JsonObject } from '../domain/json.ts'
import type { PolicyDocument } from '../domain/policy.ts'
import { Refusal } from '../domain/refusal.ts'
import type { Certificate, RefusalRecord, Settlement } from '../domain/statement.ts'
import type { Tool } from '../tool/tool.ts'
import { revokeCertificate } from './commands/revoke-certificate.ts'
import { parentOf } from './submission/parent-task.ts'

let world: EngineWorld
afterEach(() => world.close())

const card = '4111 1111 1111 1111'
const ssn = '123-45-6789'
const call = (input: JsonObject, tool = 'note') => ({ tool, input })
const twoSteps = (...calls: readonly ReturnType<typeof call>[]): ScriptedStep[] => [{ calls }, { text: 'done' }]

/** A tool that keeps what it is given. */
function keepingTool(over: Partial<Tool> = {}, output = 'noted') {
  const given: JsonObject[] = []
  const keep = (input: JsonObject) => {
    given.push(input)
    return output
  }
  return { given, tool: createScriptedTool('note', keep, over) }
}

interface Opening extends EngineWorldOptions {
  readonly document?: Partial<PolicyDocument>
  readonly hooks?: CommitHooks
}

async function open({ document, hooks, ...options }: Opening): Promise<void> {
  const policies = document === undefined ? [] : [testPolicy(document)]
  const agent = { ...(document !== undefined && { policy: 'test' }), ...options.agent }
  const wrapStore =
    hooks === undefined ? {} : { wrapStore: (store: EngineWorld['store']) => watchCommits(store, hooks) }
  world = await createEngineWorld({ ...options, ...wrapStore, policies, agent })
  await world.deps.dispatcher.start()
}

async function runToEnd() {
  const { task, run } = await world.submit()
  await world.attemptEnded(run.id)
  const events = await world.events(task.id)
  const statements = (await world.store.listStatements(task.id)).map((logged) => ({
    digest: logged.digest,
    statement: openSigned(world.deps.notary, logged) as Certificate | RefusalRecord | Settlement,
  }))
  const ended = await world.store.readSnapshot(task.id)
  if (ended === undefined) throw new Error('the task is gone')
  return { ...ended, events, statements }
}

const of = <K extends EventKind>(events: readonly JournalEvent[], kind: K) =>
  events.filter((event): event is EventOf<K> & JournalEvent => event.kind === kind)

async function textOf(digest: string | undefined) {
  return (await world.store.readContents([digest ?? ''])).get(digest ?? '')?.body
}

function toldAt(step: number) {
  return (world.deps.models as ScriptedModels).calls[step - 1]?.messages.filter(({ role }) => role === 'tool')
}

test('each decision and each settlement is signed, names the one before it, and stands in its event', async () => {
  const denied = createScriptedTool('never', () => 'never', { capabilitiesFor: () => ['forbidden'] })
  const calls = [call({ text: 'a' }), call({ text: 'b' }, 'never'), call({ text: 'c' })]
  await open({ steps: twoSteps(...calls), tools: [keepingTool().tool, denied], agent: { capabilities: ['test:*'] } })
  const { events, statements } = await runToEnd()
  const kinds = statements.map(({ statement }) => statement.kind)
  expect(kinds).toEqual(['certificate', 'settlement', 'refusal', 'certificate', 'settlement'])
  const digests = statements.map(({ digest }) => digest)
  expect(statements.map(({ statement }) => statement.previous)).toEqual([null, ...digests.slice(0, -1)])
  expect(events.flatMap(({ facts }) => ('statement' in facts ? [facts.statement] : []))).toEqual(digests)
})

test('a certificate binds the arguments as the model wrote them, the inputs, the policy and what was reserved', async () => {
  const { tool } = keepingTool({ costMicrosUsd: 7 })
  await open({ steps: twoSteps(call({ text: 'a' })), tools: [tool] })
  const { events, statements, run, task } = await runToEnd()
  const [requested] = of(events, 'action.requested')
  const [decided] = of(events, 'action.decided')
  expect(statements[0]?.statement).toMatchObject({
    arguments: requested?.contents['arguments'],
    inputs: decided?.contents['inputs'],
    policy: run.config.policy,
    capabilities: run.config.capabilities,
    principal: run.config.principal,
    reserved: { micros_usd: 7, tokens: 0, steps: 0 },
    issued_at: decided?.at,
    parent: null,
    task: task.id,
  })
  expect(statements[1]?.statement).toMatchObject({
    certificate: statements[0]?.digest,
    outcome: 'settled',
    cost: { micros_usd: 7, tokens: 0, steps: 0 },
  })
})

test('an action whose certificate ran out before it began is not made, and costs nothing', async () => {
  const { tool, given } = keepingTool({ costMicrosUsd: 7 })
  const late = (kinds: readonly EventKind[]) => {
    if (kinds.includes('action.decided')) world.clock.advance(65_000)
  }
  await open({ steps: twoSteps(call({ text: 'a' })), tools: [tool], hooks: { after: late } })
  const { events, run, task, statements } = await runToEnd()
  expect(given).toEqual([])
  expect(of(events, 'action.settled')[0]?.facts).toMatchObject({ outcome: 'denied', cost_micros_usd: 0 })
  expect(statements.at(-1)?.statement).toMatchObject({ kind: 'settlement', outcome: 'denied' })
  expect(task.ledger.spent.micros_usd).toBe(run.costMicrosUsd)
  expect(toldAt(2)).toMatchObject([{ failed: true, output: expect.stringContaining('ran out') }])
})

test('an action whose certificate was taken back before it began is not made', async () => {
  const { tool, given } = keepingTool()
  let revoked = false
  const revoke = async (kinds: readonly EventKind[]) => {
    if (revoked || !kinds.includes('action.decided')) return
    revoked = true
    const [, ...events] = await world.store.readEvents('task-1', 0, 100)
    await revokeCertificate(world.deps, world.owner, of(events, 'action.decided')[0]?.facts.statement ?? '')
  }
  await open({ steps: twoSteps(call({ text: 'a' })), tools: [tool], hooks: { after: revoke } })
  const { run } = await world.submit({ taskId: 'task-1' })
  await world.attemptEnded(run.id)
  const events = await world.events('task-1')
  expect(given).toEqual([])
  expect(events.map(({ kind }) => kind).slice(-7, -3)).toEqual([
    'action.requested',
    'action.decided',
    'action.revoked',
    'action.settled',
  ])
  expect(of(events, 'action.settled')[0]?.facts.outcome).toBe('denied')
  expect(toldAt(2)).toMatchObject([{ failed: true, output: expect.stringContaining('taken back') }])
})

const redacting = { content: { personal_data: 'redact', secrets: 'redact', blocked_keywords: [] } } as const

test('a tool gets redacted arguments, and its certificate binds these', async () => {
  const { tool, given } = keepingTool()
  await open({ steps: twoSteps(call({ text: `his is ${ssn}` })), tools: [tool], document: redacting })
  const { events, statements } = await runToEnd()
  expect(given).toEqual([{ text: 'his is [redacted:ssn]' }])
  const [decided] = of(events, 'action.decided')
  const bound = decided?.contents['arguments']
  expect(await textOf(bound)).toBe(JSON.stringify(given[0]))
  expect(statements[0]?.statement).toMatchObject({ kind: 'certificate', arguments: bound })
  expect(bound).not.toBe(of(events, 'action.requested')[0]?.contents['arguments'])
  expect(JSON.parse(String(await textOf(decided?.contents['inputs']))).findings).toMatchObject([{ detector: 'ssn' }])
})

test('arguments that no longer fit the tool once they are redacted are not passed on', async () => {
  const inputSchema = { type: 'object', properties: { text: { type: 'string', maxLength: 19 } }, required: ['text'] }
  const { tool, given } = keepingTool({ inputSchema, costMicrosUsd: 9 })
  await open({ steps: twoSteps(call({ text: card })), tools: [tool], document: redacting })
  const { events, statements, task, run } = await runToEnd()
  expect(given).toEqual([])
  expect(of(events, 'action.settled')[0]?.facts).toMatchObject({ outcome: 'denied', released_micros_usd: 9 })
  expect(statements.map(({ statement }) => statement.kind)).toEqual(['certificate', 'settlement'])
  expect(task.ledger.spent.micros_usd).toBe(run.costMicrosUsd)
  expect(toldAt(2)).toMatchObject([{ output: expect.stringContaining('does not take what is left') }])
})

test('labels come from the tool, the path that was read and what was found, and close sinks from then on', async () => {
  const document = {
    labels_of_findings: { ssn: ['phi'] },
    closed_sinks: { hr: ['network'] },
  }
  const facets = { access: 'read', labels: ['own'], facetsOf: () => ({ host: null, path: 'hr/staff.csv' }) } as const
  const { tool } = keepingTool(facets, `it says ${ssn}`)
  const sending = createScriptedTool('send', () => 'sent', { sinks: ['network'] })
  const agent = {
    pathLabels: [
      { path: 'hr/*', labels: ['hr'] },
      { path: 'other/*', labels: ['other'] },
    ],
  }
  const steps = twoSteps(call({ text: 'before' }, 'send'), call({ text: 'x' }), call({ text: 'after' }, 'send'))
  await open({ steps, tools: [tool, sending], document, agent })
  const { events, statements } = await runToEnd()
  expect(of(events, 'action.settled')[1]?.facts.labels).toEqual(['hr', 'own', 'phi'])
  expect(statements[3]?.statement).toMatchObject({ kind: 'settlement', labels: ['hr', 'own', 'phi'] })
  const answers = of(events, 'action.decided').map(({ facts }) => facts.answer)
  expect(answers).toEqual(['allow', 'allow', 'deny'])
  expect(of(events, 'action.decided')[2]?.facts.rules).toEqual(['sink_closed:hr'])
})

test('a result is redacted before it is kept, and what was found stands beside it', async () => {
  const { tool } = keepingTool({}, `it says ${ssn}.`)
  await open({ steps: twoSteps(call({ text: 'x' })), tools: [tool], document: redacting })
  const { events } = await runToEnd()
  const [settled] = of(events, 'action.settled')
  expect(toldAt(2)).toMatchObject([{ output: 'it says [redacted:ssn].' }])
  expect(await textOf(settled?.contents['result'])).toBe('it says [redacted:ssn].')
  expect(JSON.parse(String(await textOf(settled?.contents['findings'])))).toMatchObject([
    { detector: 'ssn', start: 8, end: 19 },
  ])
  const kept = await world.store.readContents(events.flatMap(({ contents }) => Object.values(contents)))
  expect([...kept.values()].filter(({ body }) => String(body).includes(ssn))).toEqual([])
})

test('a result with what the policy blocks is withheld as a whole', async () => {
  const { tool } = keepingTool({}, 'all about project Nightfall')
  const document = { content: { ...redacting.content, blocked_keywords: ['nightfall'] } }
  await open({ steps: twoSteps(call({ text: 'x' })), tools: [tool], document })
  const { run } = await runToEnd()
  expect(toldAt(2)).toMatchObject([{ failed: false, output: expect.stringMatching(/^\[withheld: .*keyword/u) }])
  expect(run.state).toBe('succeeded')
})

test('under a policy that makes a denial final the run ends blocked, whatever it did after', async () => {
  const never = createScriptedTool('never', () => 'never', { capabilitiesFor: () => ['forbidden'] })
  const steps = [{ calls: [call({ text: 'x' }, 'never')] }, { calls: [call({ text: 'y' })] }, { text: 'done' }]
  const agent = { capabilities: ['test:*'] }
  await open({ steps, tools: [keepingTool().tool, never], agent, document: { denial_is_final: true } })
  const { run } = await runToEnd()
  expect(run).toMatchObject({ state: 'blocked', error: { code: 'action_denied' } })
  expect(await textOf(run.result ?? '')).toBe('done')
})

test('a decision that was made from a journal which others added to is made again', async () => {
  const { tool, given } = keepingTool({ costMicrosUsd: 40_000 })
  let lent = false
  const lend = async (kinds: readonly EventKind[]) => {
    if (lent || !kinds.includes('action.decided')) return
    lent = true
    const parent = await world.store.readSnapshot('task-1')
    if (parent === undefined) throw new Error('the task is gone')
    await world.submit({ parent: parentOf(parent), budget: { micros_usd: 165_000, tokens: 10, steps: 1 } })
  }
  await open({ steps: twoSteps(call({ text: 'x' })), tools: [tool], hooks: { before: lend } })
  const budget = { micros_usd: 200_000, tokens: 1_000_000, steps: 100 }
  const { run } = await world.submit({ taskId: 'task-1', budget })
  await world.attemptEnded(run.id)
  const events = await world.events('task-1')
  const decided = of(events, 'action.decided')
  // What it wanted was there when it was first decided, and is lent when it is committed.
  expect(decided.map(({ facts }) => facts.answer)).toEqual(['deny'])
  expect(decided[0]?.facts.rules).toContain('budget')
  expect(given).toEqual([])
  const inputs = JSON.parse(String(await textOf(decided[0]?.contents['inputs'])))
  expect(inputs.ledger.lent.micros_usd).toBe(165_000)
})

test('an action that the workers do not get examined is denied and signed, and the run goes on', async () => {
  const { given, tool } = keepingTool()
  const refused = new Refusal('limit_exceeded', 'It took too long.', { limit: 'worker_timeout_ms' })
  const run = () => Promise.reject(refused)
  const workers = { runs: { run, close: async () => undefined }, requests: createInlineWorkerPool() }
  const content = { personal_data: 'block', secrets: 'allow', blocked_keywords: [] } as const
  await open({
    document: { content },
    tools: [tool],
    workers,
    steps: twoSteps(call({ text: 'x'.repeat(20_000) }), call({ text: 'y' })),
  })
  const { events, statements, run: ended } = await runToEnd()
  expect(ended.state).toBe('succeeded')
  expect(given).toEqual([{ text: 'y' }])
  const decided = events.filter(({ kind }) => kind === 'action.decided')
  expect(decided.map(({ facts }) => facts)).toMatchObject([
    { answer: 'deny', rules: ['unexamined'] },
    { answer: 'allow' },
  ])
  expect(statements.map(({ statement }) => statement)).toContainEqual(
    expect.objectContaining({ rules: ['unexamined'] }),
  )
})
