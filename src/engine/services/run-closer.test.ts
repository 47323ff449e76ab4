import { afterEach, expect, test } from 'vitest'
import { closingOf, expectedClosing, watchCloser } from '../../../test/support/closing-world.ts'
import {
  createEngineWorld,
  type EngineWorld,
  type EngineWorldOptions,
} from '../../../test/support/create-engine-world.ts'
import { createScriptedTool } from '../../../test/support/scripted-tool.ts'
import { started } from '../../../test/support/started.ts'
import { Refusal } from '../../domain/refusal.ts'
import { ModelError } from '../../model/model.ts'
import type { Store } from '../../store/store.ts'
import { addMessage } from '../commands/add-message.ts'
import { cancelRun } from '../commands/cancel-run.ts'
import { closeRunsOf } from './close-run.ts'
import { createRunCloser } from './run-closer.ts'
import { rescueRuns } from './run-rescuer.ts'
import { createRunTimekeeper } from './run-timekeeper.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function open(options: EngineWorldOptions = {}, started = true): Promise<EngineWorld> {
  const world = await createEngineWorld(options)
  stops.push(options.beside === undefined ? world.close : world.stop)
  if (started) await world.deps.dispatcher.start()
  return world
}

function watch(world: EngineWorld) {
  const closer = watchCloser(world)
  stops.push(closer.stop)
  return closer
}

const note = createScriptedTool('note', () => 'ok')
const call = (text: string) => ({ tool: 'note', input: { text } })

async function expectClosed(world: EngineWorld, run: { id: string; taskId: string }, first: number, last: number) {
  const events = await world.events(run.taskId)
  expect(await closingOf(world, run)).toMatchObject(expectedClosing(run.taskId, events, first, last))
}

test('a run that succeeded is closed with its events, its statements and its ledger', async () => {
  const world = await open({ steps: [{ calls: [call('a'), call('b')] }, { text: 'done' }], tools: [note] })
  const closer = watch(world)
  const { task, run } = await world.submit()
  await world.attemptEnded(run.id)
  await closer.closes(run.id)
  const events = await world.events(task.id)
  await expectClosed(world, run, 1, events.length)
  const closing = await closingOf(world, run)
  const chain = (await world.store.listStatements(task.id, run.id)).filter(({ kind }) => kind !== 'closing')
  expect(closing).toMatchObject({ outcome: 'succeeded', turn: 1, log_id: world.deps.notary.logId })
  expect(closing.statements).toEqual({ count: 4, head: chain.at(-1)?.digest })
  expect(chain).toHaveLength(4)
  expect(closing.ledger).toEqual((await world.store.readTask(task.id))?.ledger)
  expect(closing.ledger.spent).toEqual({ micros_usd: 30, tokens: 30, steps: 2 })
})

test.each([
  ['failed', { steps: [{ throws: new ModelError('request_refused', 'no', { retryable: false }) }] }],
  ['blocked', { steps: [{ calls: [call('a')] }, { text: 'done' }], tools: [note], agent: { capabilities: [] } }],
] satisfies [string, EngineWorldOptions][])('a run that ended %s is closed as that', async (outcome, options) => {
  const world = await open(options)
  const closer = watch(world)
  const { run } = await world.submit()
  await world.attemptEnded(run.id)
  await closer.closes(run.id)
  const events = await world.events(run.taskId)
  await expectClosed(world, run, 1, events.length)
  expect(await closingOf(world, run)).toMatchObject({ outcome })
})

test('a run that was cancelled under way is closed with its end', async () => {
  const asked = Promise.withResolvers<void>()
  const before = () => {
    asked.resolve()
    return new Promise<void>(() => undefined)
  }
  const world = await open({ steps: [{ before }] })
  const closer = watch(world)
  const { task, run } = await world.submit()
  await asked.promise
  await cancelRun(world.deps, world.owner, task.id)
  await closer.closes(run.id)
  await expectClosed(world, run, 1, (await world.events(task.id)).length)
  expect(await closingOf(world, run)).toMatchObject({ outcome: 'cancelled' })
})

test('a run that stood in the queue for too long is closed', async () => {
  const world = await open({ limits: { queue_timeout_seconds: 5 } }, false)
  const closer = watch(world)
  stops.push(started(createRunTimekeeper(world.deps)))
  const { run } = await world.submit()
  await closer.closes(run.id)
  expect(await closingOf(world, run)).toMatchObject({ outcome: 'failed', statements: { count: 0, head: null } })
})

test('a run that lost too many attempts is closed', async () => {
  const begun = Promise.withResolvers<void>()
  const hanging = createScriptedTool('note', () => {
    begun.resolve()
    return new Promise<string>(() => undefined)
  })
  const options = { steps: [{ calls: [call('a')] }], tools: [hanging], limits: { attempts_lost_max: 1 } }
  const first = await open(options)
  const { run } = await first.submit()
  await begun.promise
  const second = await open({ ...options, beside: first }, false)
  const closer = watch(second)
  await rescueRuns(second.deps)
  await closer.closes(run.id)
  await expectClosed(second, run, 1, (await first.events(run.taskId)).length)
  expect(await closingOf(second, run)).toMatchObject({ outcome: 'failed', statements: { count: 1 } })
})

test('what a process has left that was killed after the end is closed at the next start, without a hint', async () => {
  const first = await open()
  const { run } = await first.submit()
  await first.attemptEnded(run.id)
  const second = await open({ beside: first }, false)
  const closed = Promise.withResolvers<void>()
  stops.push(started(createRunCloser(second.deps, { closed: () => closed.resolve() })))
  await closed.promise
  await expectClosed(second, run, 1, 7)
})

test('an end of which no hint came is found within a second', async () => {
  const world = await open()
  const closer = watch(world)
  const deaf = await open({ beside: world })
  const { run } = await deaf.submit()
  await deaf.attemptEnded(run.id)
  await closer.looks()
  expect(closer.closed.map(({ runId }) => runId)).toContain(run.id)
})

test.each([
  ['before the second begins', true],
  ['with the second', false],
])('a second run is closed from where the first has ended, the first being closed %s', async (_when, before) => {
  const world = await open({ steps: [{ calls: [call('a')] }, { text: 'done' }], tools: [note] })
  const { task, run } = await world.submit()
  await world.attemptEnded(run.id)
  if (before) await closeRunsOf(world.deps, task.id)
  const firstEnd = (await world.events(task.id)).length
  const { run: second } = await addMessage(world.deps, world.owner, task.id, { input: { text: 'more' } })
  await world.attemptEnded(second.id)
  const third = await addMessage(world.deps, world.owner, task.id, { input: { text: 'more' } })
  await world.attemptEnded(third.run.id)
  const closer = watch(world)
  await closer.closes(third.run.id)
  const events = await world.events(task.id)
  const secondEnd = events.findIndex((event) => event.kind === 'run.succeeded' && event.run === second.id) + 1
  await expectClosed(world, run, 1, firstEnd)
  await expectClosed(world, second, firstEnd + 1, secondEnd)
  await expectClosed(world, third.run, secondEnd + 1, events.length)
})

test('a run longer than a page of its journal is closed whole', async () => {
  const calls = Array.from({ length: 30 }, () => call('x'))
  const steps = [...Array.from({ length: 4 }, () => ({ calls })), { text: 'done' }]
  const world = await open({ steps, tools: [note] })
  const closer = watch(world)
  const { run } = await world.submit()
  await world.attemptEnded(run.id)
  await closer.closes(run.id)
  const events = await world.events(run.taskId)
  expect(events.length).toBeGreaterThan(300)
  await expectClosed(world, run, 1, events.length)
})

test('each run is closed once, however many closers look at once', async () => {
  const world = await open()
  const runs = await Promise.all(Array.from({ length: 20 }, () => world.submit()))
  await Promise.all(runs.map(({ run }) => world.attemptEnded(run.id)))
  const closers = [watch(world), watch(world), watch(await open({ beside: world }, false))]
  await Promise.all(runs.map(({ task }) => closeRunsOf(world.deps, task.id)))
  for (const closer of closers) await closer.looks()
  for (const { run } of runs) expect((await closingOf(world, run)).run).toBe(run.id)
  expect(await world.store.listUnclosedRuns(10)).toEqual([])
})

test('a journal that cannot be read holds up nobody else, and is reported once', async () => {
  let bad = ''
  const wrapStore = (store: Store): Store => ({
    ...store,
    readEvents: (taskId, after, limit) => {
      if (taskId === bad) throw new Error('nothing there')
      return store.readEvents(taskId, after, limit)
    },
  })
  const world = await open({ wrapStore })
  const runs = await Promise.all([world.submit(), world.submit(), world.submit()])
  await Promise.all(runs.map(({ run }) => world.attemptEnded(run.id)))
  bad = runs[0]?.task.id ?? ''
  const closer = watch(world)
  await closer.looks()
  await closer.looks()
  expect(closer.closed.map(({ taskId }) => taskId).sort()).toEqual(runs.slice(1).map(({ task }) => task.id))
  expect(world.errors.map(({ message }) => message)).toEqual(['a run could not be closed'])
})

test('what an ill disk did not take is closed once it is well', async () => {
  let ill = false
  const wrapStore = (store: Store): Store => ({
    ...store,
    commit: async (commit) => {
      if (ill) throw new Refusal('storage_unavailable', 'the disk is full')
      return await store.commit(commit)
    },
  })
  const world = await open({ wrapStore })
  const { run } = await world.submit()
  await world.attemptEnded(run.id)
  ill = true
  const warned = Promise.withResolvers<void>()
  Object.assign(world.deps.log, { warn: () => warned.resolve() })
  const closer = watch(world)
  await warned.promise
  expect(closer.closed).toEqual([])
  ill = false
  await closer.looks()
  await expectClosed(world, run, 1, 7)
  expect(world.errors).toEqual([])
})

test('stopping waits for the closing that is under way', async () => {
  const held = Promise.withResolvers<void>()
  const holding = Promise.withResolvers<void>()
  const wrapStore = (store: Store): Store => ({
    ...store,
    commit: async (commit) => {
      const outcome = await store.commit(commit)
      if (!commit.write.some(({ kind }) => kind === 'close_run')) return outcome
      holding.resolve()
      await held.promise
      return outcome
    },
  })
  const world = await open({ wrapStore })
  const { run } = await world.submit()
  await world.attemptEnded(run.id)
  const closer = watchCloser(world)
  await holding.promise
  let stopped = false
  const stopping = closer.stop().then(() => {
    stopped = true
  })
  await world.store.readTask(run.taskId)
  expect(stopped).toBe(false)
  held.resolve()
  await stopping
  expect(closer.closed).toHaveLength(1)
  expect(world.clock.waiting).toBe(0)
})
