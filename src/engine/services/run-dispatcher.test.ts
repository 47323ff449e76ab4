import { afterEach, expect, test } from 'vitest'
import {
  createEngineWorld,
  type EngineWorld,
  type EngineWorldOptions,
} from '../../../test/support/create-engine-world.ts'
import { createScriptedTool } from '../../../test/support/scripted-tool.ts'
import type { ModelCall } from '../../model/model.ts'
import { resumeRun } from '../commands/resume-run.ts'
import { stopRun } from '../commands/stop-run.ts'

let world: EngineWorld
afterEach(() => world.close())

/** A model that holds every call until it is told to go on, and remembers in which order it was asked. */
function heldModel() {
  const asked: { text: string; go: () => void }[] = []
  const before = (call: ModelCall) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const last = call.messages.at(-1)
    asked.push({ text: last?.role === 'user' ? last.text : '', go: resolve })
    return promise
  }
  return { asked, steps: [{ text: 'done', before }] }
}

async function open(options: EngineWorldOptions): Promise<EngineWorld> {
  world = await createEngineWorld(options)
  await world.deps.dispatcher.start()
  return world
}

const input = (text: string) => ({ input: { text } })

test('no more runs are carried out than the server has slots, and the next starts when one ends', async () => {
  const model = heldModel()
  await open({ steps: model.steps, limits: { runs_running_max: 2 } })
  const runs = []
  for (const text of ['a', 'b', 'c']) runs.push(await world.submit(input(text)))
  expect(runs.map(({ run }) => run.state)).toEqual(['running', 'running', 'queued'])
  await world.clock.until(() => model.asked.length === 2)
  model.asked[0]?.go()
  await world.clock.until(() => model.asked.length === 3)
  expect(model.asked.map(({ text }) => text)).toEqual(['a', 'b', 'c'])
})

test('the most urgent goes first, and among equals the oldest', async () => {
  const model = heldModel()
  await open({ steps: model.steps, limits: { runs_running_max: 1 } })
  await world.submit(input('first'))
  for (const [text, priority] of [
    ['low', 1],
    ['old', 5],
    ['new', 5],
    ['urgent', 10],
  ] as const) {
    world.clock.advance(1)
    await world.submit({ ...input(text), priority })
  }
  for (let i = 0; i < 5; i += 1) {
    await world.clock.until(() => model.asked.length === i + 1)
    model.asked[i]?.go()
  }
  expect(model.asked.map(({ text }) => text)).toEqual(['first', 'urgent', 'old', 'new', 'low'])
})

test('an agent at its own limit stands aside for others', async () => {
  const model = heldModel()
  await open({ steps: model.steps, agent: { concurrencyMax: 1, visibility: 'public' } })
  const other = { ...world.agent, id: 'agent-2', concurrencyMax: null }
  await world.store.commit({ write: [{ kind: 'insert_agent', agent: other }] })
  const first = await world.submit(input('first'))
  const second = await world.submit(input('second'))
  const third = await world.submit({ ...input('third'), agentId: 'agent-2' })
  expect([first, second].map(({ run }) => run.state)).toEqual(['running', 'queued'])
  await world.clock.until(() => model.asked.length === 2)
  expect(model.asked.map(({ text }) => text)).toEqual(['first', 'third'])
  model.asked[0]?.go()
  await world.clock.until(() => model.asked.length === 3)
  expect(third.run.agentId).toBe('agent-2')
})

test('a run that may not start yet is started when its time has come', async () => {
  const model = heldModel()
  await open({ steps: model.steps })
  const { run } = await world.submit({ notBefore: world.clock.now() + 60_000 })
  expect(run.state).toBe('queued')
  world.clock.advance(59_999)
  const { run: other } = await world.submit(input('other'))
  expect(other.state).toBe('running')
  world.clock.advance(1)
  await world.clock.until(() => model.asked.length === 2)
  expect((await world.store.readRun(run.id))?.state).toBe('running')
})

test('a paused run that is resumed takes its place in the queue', async () => {
  const model = heldModel()
  await open({ steps: model.steps, limits: { runs_running_max: 1 } })
  await world.submit(input('first'))
  const { task } = await world.submit(input('second'))
  await stopRun(world.deps, world.owner, task.id)
  await world.submit(input('third'))
  world.clock.advance(1)
  await resumeRun(world.deps, world.owner, task.id)
  for (let i = 0; i < 3; i += 1) {
    await world.clock.until(() => model.asked.length === i + 1)
    world.clock.advance(1)
    model.asked[i]?.go()
  }
  expect(model.asked.map(({ text }) => text)).toEqual(['first', 'third', 'second'])
})

test('a stopping server hands back at the boundary, and the next process goes on from the journal', async () => {
  const begun = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<string>()
  let performed = 0
  const tool = createScriptedTool('note', () => {
    performed += 1
    begun.resolve()
    return finish.promise
  })
  const steps = [{ calls: [{ tool: 'note', input: { text: 'x' } }] }, { text: 'done' }]
  await open({ steps, tools: [tool] })
  const { task, run } = await world.submit()
  await begun.promise
  const stopped = world.deps.dispatcher.stop(10_000)
  finish.resolve('ok')
  await stopped
  expect(await world.store.readRun(run.id)).toMatchObject({ state: 'queued', lostAttempts: 0, attempt: 1 })

  const next = await createEngineWorld({ steps: [{ text: 'done' }], tools: [tool], beside: world })
  await next.deps.dispatcher.start()
  await next.attemptEnded(run.id)
  expect(await world.store.readRun(run.id)).toMatchObject({ state: 'succeeded', attempt: 2, steps: 2 })
  expect(performed).toBe(1)
  expect((await world.events(task.id)).map(({ kind }) => kind)).toContain('attempt.lost')
})

test('what does not reach a boundary in time is cut, charged and handed back', async () => {
  const model = heldModel()
  await open({ steps: model.steps })
  const { task, run } = await world.submit()
  await world.clock.until(() => model.asked.length === 1)
  const stopped = world.deps.dispatcher.stop(10_000)
  await world.clock.until(() => world.clock.waiting > 0)
  world.clock.advance(10_000)
  await stopped
  expect(await world.store.readRun(run.id)).toMatchObject({ state: 'queued', lostAttempts: 0 })
  expect((await world.events(task.id)).slice(-2)).toMatchObject([
    { kind: 'model.interrupted', facts: { reason: 'handed_back', estimated: true } },
    { kind: 'attempt.lost', facts: { reason: 'handed_back' } },
  ])
})

test('an attempt that breaks for our own fault is tried again after ever longer waits, and the third time the run fails', async () => {
  await open({ steps: [{ throws: new Error('a defect') }] })
  const { task, run } = await world.submit()
  for (const [lost, delayMs] of [1_000, 5_000].entries()) {
    await world.clock.until(() => world.errors.length === lost + 1 && world.deps.dispatcher.runningCount === 0)
    const queued = await world.store.readRun(run.id)
    expect(queued).toMatchObject({ state: 'queued', attempt: lost + 1, notBefore: world.clock.now() + delayMs })
    world.clock.advance(delayMs - 1)
    expect(world.errors).toHaveLength(lost + 1)
    world.clock.advance(1)
  }
  await world.event(task.id, 'run.failed')
  expect(await world.store.readRun(run.id)).toMatchObject({
    state: 'failed',
    error: { code: 'platform_unavailable' },
    attempt: 3,
  })
  expect(world.errors.map(({ message }) => message)).toEqual(Array(3).fill('an attempt broke'))
})
