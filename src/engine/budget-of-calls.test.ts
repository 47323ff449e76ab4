import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld, type EngineWorldOptions } from '../../test/support/create-engine-world.ts'
import type { ScriptedModels } from '../../test/support/scripted-models.ts'
import { createScriptedTool } from '../../test/support/scripted-tool.ts'
import { watchCommits } from '../../test/support/watch-commits.ts'
import { type Amounts, noAmounts } from '../domain/budget.ts'
import type { EventKind } from '../domain/event.ts'
import { noUsage } from '../domain/usage.ts'
import { ModelError } from '../model/model.ts'
import { addMessage } from './commands/add-message.ts'
import { cancelRun } from './commands/cancel-run.ts'
import { closeRun } from './services/close-run.ts'
import { parentOf } from './submission/parent-task.ts'

let world: EngineWorld
afterEach(() => world.close())

const plenty: Amounts = { micros_usd: 1_000_000, tokens: 1_000_000, steps: 100 }
const call = (text: string, tool = 'note') => ({ tool, input: { text } })

async function open(options: EngineWorldOptions): Promise<void> {
  world = await createEngineWorld(options)
  await world.deps.dispatcher.start()
}

async function runToEnd(budget: Partial<Amounts>) {
  const { task, run } = await world.submit({ budget: { ...plenty, ...budget } })
  await world.attemptEnded(run.id)
  return await read(task.id)
}

async function read(taskId: string) {
  const snapshot = await world.store.readSnapshot(taskId)
  if (snapshot === undefined) throw new Error('the task is gone')
  const events = await world.events(taskId)
  return { ...snapshot, events, kinds: events.map(({ kind }) => kind) }
}

const callsOf = () => (world.deps.models as ScriptedModels).calls

test.each<[string, Partial<Amounts>]>([
  ['money', { micros_usd: 500 }],
  ['tokens', { tokens: 500 }],
])('a run whose budget has too little %s for a first call fails without calling', async (_, budget) => {
  await open({})
  const { run, kinds, task } = await runToEnd(budget)
  expect(run).toMatchObject({ state: 'failed', error: { code: 'budget_exhausted' } })
  expect(kinds.slice(3)).toEqual(['run.claimed', 'run.failed'])
  expect(callsOf()).toEqual([])
  expect(task.ledger.spent).toEqual(noAmounts)
})

test('a run ends when the steps of its budget are used up, with what it did on record', async () => {
  await open({ steps: [{ calls: [call('x')] }], tools: [createScriptedTool('note', () => 'ok')] })
  const { run, kinds, task } = await runToEnd({ steps: 1 })
  expect(run.error?.code).toBe('budget_exhausted')
  expect(kinds.slice(-2)).toEqual(['action.settled', 'run.failed'])
  expect(task.ledger).toMatchObject({ spent: { steps: 1, tokens: 15 }, reserved: noAmounts })
})

test('what a call may say is bounded by what is left of the budget', async () => {
  await open({})
  await runToEnd({ tokens: 1_000 })
  const [asked] = callsOf()
  expect(asked?.outputTokensMax).toBeGreaterThan(16)
  expect(asked?.outputTokensMax).toBeLessThan(490)
})

test('between two tries the budget is looked at again: where the first has used it up, there is no second', async () => {
  const usage = { ...noUsage, inputTokens: 500, outputTokens: 200 }
  const throws = new ModelError('provider_overloaded', 'Busy.', { retryable: true, usage })
  await open({ steps: [{ throws }] })
  const { run, events, task } = await runToEnd({ tokens: 900 })
  expect(run.error?.code).toBe('budget_exhausted')
  expect(callsOf()).toHaveLength(1)
  const [failed] = events.filter((event) => event.kind === 'model.failed')
  expect(failed?.facts).toMatchObject({ will_retry: false, cost_micros_usd: 700 })
  expect(failed?.facts.reserved).toBeUndefined()
  expect(task.ledger).toMatchObject({ spent: { tokens: 700 }, reserved: noAmounts })
})

test('an action whose price is more than what is left is denied, and the run goes on', async () => {
  const tool = createScriptedTool('note', () => 'ok', { costMicrosUsd: 500_000 })
  await open({ steps: [{ calls: [call('a'), call('b')] }, { text: 'done' }], tools: [tool] })
  const { run, events, task } = await runToEnd({ micros_usd: 900_000 })
  const decided = events.filter((event) => event.kind === 'action.decided')
  expect(decided.map(({ facts }) => facts.answer)).toEqual(['allow', 'deny'])
  expect(decided[1]?.facts.rules).toContain('budget')
  expect(run.state).toBe('blocked')
  expect(task.ledger.spent.micros_usd).toBe(500_030)
})

const tooMuch = { ...noUsage, inputTokens: 60_000, outputTokens: 10 }

test('a failed call that used more than was reserved is charged in full and ends the run at once', async () => {
  const throws = new ModelError('provider_overloaded', 'Busy.', { retryable: true, usage: tooMuch })
  await open({ steps: [{ throws }, { text: 'never' }] })
  const { run, kinds, events, task } = await runToEnd({})
  expect(run).toMatchObject({ state: 'failed', error: { code: 'budget_overdrawn' } })
  expect(kinds.slice(-3)).toEqual(['model.failed', 'budget.overdrawn', 'run.failed'])
  expect(events.at(-2)?.facts).toMatchObject({ of: 'step 1', used: { micros_usd: 60_010, tokens: 60_010 } })
  expect(task.ledger).toMatchObject({ spent: { micros_usd: 60_010 }, reserved: noAmounts })
  expect(callsOf()).toHaveLength(1)
})

test('a call that broke in what is not shown, such as the arguments of a tool, is charged for that too', async () => {
  const throws = new ModelError('connection_cut', 'Cut.', { retryable: false, streamedChars: 90 })
  await open({ steps: [{ text: 'x'.repeat(30), throws }] })
  const { events } = await runToEnd({})
  const failed = events.find(({ kind }) => kind === 'model.failed')
  expect(failed?.facts).toMatchObject({ estimated: true, usage: { outputTokens: 30 } })
})

test('an estimate is never above what was reserved, however much had been streamed', async () => {
  const throws = new ModelError('provider_overloaded', 'Busy.', { retryable: false, streamedChars: 10 })
  await open({ steps: [{ text: 'x'.repeat(9_000_000), throws }] })
  const { run, events, kinds, task } = await runToEnd({ tokens: 2_000 })
  expect(run.error?.code).toBe('provider_overloaded')
  expect(kinds).not.toContain('budget.overdrawn')
  expect(events.find(({ kind }) => kind === 'model.failed')?.facts).toMatchObject({ estimated: true })
  expect(task.ledger.spent.tokens).toBe(2_000)
})

test('an answer that used more than was reserved ends the run, and is kept', async () => {
  await open({ steps: [{ text: 'a costly answer' }] })
  const { priceMicrosUsd } = world.deps.models
  // Dearer when it is charged than when it was planned.
  let asked = 0
  Object.assign(world.deps.models, {
    priceMicrosUsd: async (...given: Parameters<typeof priceMicrosUsd>) => {
      asked += 1
      return (await priceMicrosUsd(...given)) * (given[1].inputTokens === 10 ? 100_000 : 1)
    },
  })
  const { run, kinds, task } = await runToEnd({})
  expect(asked).toBeGreaterThan(1)
  expect(run).toMatchObject({ state: 'failed', error: { code: 'budget_overdrawn' } })
  expect(kinds.slice(-3)).toEqual(['model.responded', 'budget.overdrawn', 'run.failed'])
  expect(task.ledger.spent.micros_usd).toBe(1_500_000)
})

test('a run that is cancelled between two tries holds nothing and is charged for the first only', async () => {
  const throws = new ModelError('provider_overloaded', 'Busy.', { retryable: true, streamedChars: 30 })
  await open({ steps: [{ text: 'x'.repeat(30), throws }] })
  const { task, run } = await world.submit()
  await world.event(task.id, 'model.failed')
  await cancelRun(world.deps, world.owner, task.id)
  await world.attemptEnded(run.id)
  const events = await world.events(task.id)
  const ended = events.filter((event) => event.kind === 'model.failed' || event.kind === 'model.interrupted')
  expect(ended.map(({ kind, facts }) => [kind, facts.try])).toEqual([
    ['model.failed', 1],
    ['model.interrupted', 2],
  ])
  expect(ended.map(({ facts }) => facts.cost_micros_usd !== undefined)).toEqual([true, false])
  expect((await read(task.id)).task.ledger.reserved).toEqual(noAmounts)
})

test('a call whose answer is in the journal is not charged again by a cancel that comes before the run knows', async () => {
  const cancel = async (kinds: readonly EventKind[]) => {
    if (kinds.includes('model.responded')) await cancelRun(world.deps, world.owner, 'task-1')
  }
  const wrapStore = (store: EngineWorld['store']) => watchCommits(store, { after: cancel })
  const tool = createScriptedTool('note', () => 'never', { costMicrosUsd: 5 })
  await open({ steps: [{ calls: [call('x')] }], tools: [tool], wrapStore })
  const { run } = await world.submit({ taskId: 'task-1' })
  await world.attemptEnded(run.id)
  const { kinds, task } = await read('task-1')
  expect(kinds.slice(-3)).toEqual(['action.decided', 'action.settled', 'run.cancelled'])
  expect(kinds).not.toContain('model.failed')
  expect(task.ledger).toMatchObject({ spent: { micros_usd: 20, tokens: 15, steps: 1 }, reserved: noAmounts })
})

test('budget that is lent or comes back while the model speaks keeps no run from its end', async () => {
  const before = async () => {
    const child = await world.submit({ parent: parentOf(await read('task-1')), budget: { steps: 5, tokens: 5_000 } })
    await world.attemptEnded(child.run.id)
    await closeRun(world.deps, { taskId: child.task.id, runId: child.run.id })
  }
  await open({ steps: [{ text: 'done', before }, { text: 'the sub-task' }] })
  const { run } = await world.submit({ taskId: 'task-1', budget: plenty })
  await world.attemptEnded(run.id)
  const { kinds, run: ended, task } = await read('task-1')
  expect(ended.state).toBe('succeeded')
  expect(kinds.slice(4)).toEqual([
    'step.started',
    'budget.transferred',
    'budget.returned',
    'model.responded',
    'run.succeeded',
  ])
  expect(task.ledger).toMatchObject({ reserved: noAmounts, lent: { steps: 1, tokens: 15 } })
})

test('a message that comes with the last words is answered, and both answers are charged', async () => {
  let added = false
  const add = async (kinds: readonly EventKind[]) => {
    if (added || !kinds.includes('run.succeeded')) return
    added = true
    await addMessage(world.deps, world.owner, 'task-1', { input: { text: 'and this?' } })
  }
  const wrapStore = (store: EngineWorld['store']) => watchCommits(store, { before: add })
  await open({ steps: [{ text: 'one' }, { text: 'two' }], wrapStore })
  const { run } = await world.submit({ taskId: 'task-1' })
  await world.attemptEnded(run.id)
  const { kinds, task } = await read('task-1')
  expect(kinds.filter((kind) => kind === 'model.responded')).toHaveLength(2)
  expect(callsOf()[1]?.messages).toMatchObject([
    { role: 'user', text: 'do it' },
    { role: 'assistant', text: 'one' },
    { role: 'user', text: 'and this?' },
  ])
  expect(task.ledger).toMatchObject({ spent: { steps: 2, tokens: 30 }, reserved: noAmounts })
})

test('a step that is started with the claim and reserved for is not started twice', async () => {
  await open({})
  const { events, kinds } = await runToEnd({})
  expect(kinds.filter((kind) => kind === 'step.started')).toHaveLength(1)
  const started = events.find((event) => event.kind === 'step.started')
  const responded = events.find((event) => event.kind === 'model.responded')
  expect(started?.facts.reserved.tokens).toBeGreaterThan(15)
  expect(responded?.facts.released).toEqual(started?.facts.reserved)
})

test('a response with more tool calls than are taken fails the run, is charged, and makes none of them', async () => {
  const made: string[] = []
  const note = createScriptedTool('note', () => {
    made.push('note')
    return 'ok'
  })
  const calls = Array.from({ length: 4 }, (_, index) => call(`${index}`))
  await open({ steps: [{ calls }], tools: [note], limits: { tool_calls_per_response_max: 3 } })
  const { run, kinds, task } = await runToEnd({})
  expect(run).toMatchObject({ state: 'failed', error: { code: 'answer_too_long' } })
  expect(run.error?.message).toContain('tool_calls_per_response_max')
  expect(kinds.slice(3)).toEqual(['run.claimed', 'step.started', 'model.failed', 'run.failed'])
  expect(task.ledger.spent.tokens).toBe(15)
  expect(made).toEqual([])
})
