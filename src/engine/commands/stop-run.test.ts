import { afterEach, expect, test } from 'vitest'
import {
  createEngineWorld,
  type EngineWorld,
  type EngineWorldOptions,
} from '../../../test/support/create-engine-world.ts'
import type { ScriptedModels } from '../../../test/support/scripted-models.ts'
import { createScriptedTool } from '../../../test/support/scripted-tool.ts'
import { watchCommits } from '../../../test/support/watch-commits.ts'
import type { EventKind } from '../../domain/event.ts'
import { ModelError } from '../../model/model.ts'
import { rescueRuns } from '../services/run-rescuer.ts'
import { addMessage } from './add-message.ts'
import { cancelRun } from './cancel-run.ts'
import { resumeRun } from './resume-run.ts'
import { stopRun } from './stop-run.ts'

let world: EngineWorld
afterEach(() => world.close())

const graceMs = 5_000
const call = (text: string) => ({ tool: 'note', input: { text } })
const never = () => new Promise<void>(() => undefined)

async function open(options: EngineWorldOptions): Promise<void> {
  world = await createEngineWorld(options)
  await world.deps.dispatcher.start()
}

const models = () => world.deps.models as ScriptedModels
const modelAsked = (nth: number) => world.clock.until(() => models().calls.length >= nth)
const kindsOf = async (taskId: string) => (await world.events(taskId)).map(({ kind }) => kind)
const stop = (taskId: string) => stopRun(world.deps, world.owner, taskId)
const resume = (taskId: string) => resumeRun(world.deps, world.owner, taskId)

/** A tool that hangs until it is let go or its run is interrupted. */
function hangingTool(over: Parameters<typeof createScriptedTool>[2] = {}) {
  const begun = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<string>()
  const interrupted = Promise.withResolvers<void>()
  const tool = createScriptedTool(
    'note',
    (_input, { signal }) => {
      signal.addEventListener('abort', () => interrupted.resolve())
      begun.resolve()
      return finish.promise
    },
    over,
  )
  return { tool, begun: begun.promise, finish: finish.resolve, interrupted: interrupted.promise }
}

test('a model call that goes on is interrupted after the grace: its text is kept and charged, and the run is paused', async () => {
  await open({ steps: [{ text: 'abcdef', before: never }] })
  const { task, run } = await world.submit({ input: { text: 'x'.repeat(30) } })
  await modelAsked(1)
  const asked = await stop(task.id)
  expect(asked.run).toMatchObject({ state: 'running', stopRequestedAt: world.clock.now() })
  world.clock.advance(graceMs - 1)
  expect((await world.store.readRun(run.id))?.state).toBe('running')
  world.clock.advance(1)
  await world.attemptEnded(run.id)
  const events = await world.events(task.id)
  expect(events.slice(-3).map(({ kind }) => kind)).toEqual(['run.stop_requested', 'model.interrupted', 'run.paused'])
  const interrupted = events.find((event) => event.kind === 'model.interrupted')
  expect(interrupted?.facts).toMatchObject({ reason: 'stopped', estimated: true, cost_micros_usd: 10 + 2 })
  const kept = await world.store.readContents([interrupted?.contents['text'] ?? ''])
  expect([...kept.values()].map(({ body }) => body)).toEqual(['abcdef'])
  const paused = await world.store.readSnapshot(task.id)
  expect(paused?.run).toMatchObject({ state: 'paused', stopRequestedAt: null, costMicrosUsd: 12 })
  expect(paused?.task.ledger.reserved).toEqual({ micros_usd: 0, tokens: 0, steps: 0 })
})

test('a run that was interrupted in its answer begins the step anew when it is resumed', async () => {
  let first = true
  const before = async () => {
    if (!first) return
    first = false
    await never()
  }
  await open({ steps: [{ text: 'half', before }] })
  const { task, run } = await world.submit()
  await modelAsked(1)
  await stop(task.id)
  world.clock.advance(graceMs)
  await world.event(task.id, 'run.paused')
  await resume(task.id)
  await world.event(task.id, 'run.succeeded')
  expect(models().calls[1]?.messages).toEqual(models().calls[0]?.messages)
  expect(await world.store.readRun(run.id)).toMatchObject({ state: 'succeeded', steps: 1 })
})

test('a message to a run that was interrupted comes after what the model had said', async () => {
  let first = true
  const before = async () => {
    if (!first) return
    first = false
    await never()
  }
  await open({ steps: [{ text: 'half a sentence', before }] })
  const { task } = await world.submit()
  await modelAsked(1)
  await stop(task.id)
  world.clock.advance(graceMs)
  await world.event(task.id, 'run.paused')
  await addMessage(world.deps, world.owner, task.id, { input: { text: 'something else' } })
  await world.event(task.id, 'run.succeeded')
  expect(models().calls[1]?.messages).toMatchObject([
    { role: 'user', text: 'do it' },
    { role: 'assistant', text: 'half a sentence' },
    { role: 'user', text: 'something else' },
  ])
})

test.each([
  ['is repeated under a new certificate when the run is resumed', true, ['unknown', 'settled']],
  ['is unknown and is not repeated', false, ['unknown']],
] as const)('an action that goes on is interrupted after the grace and %s', async (_words, safeToRepeat, outcomes) => {
  const hanging = hangingTool({ safeToRepeat })
  await open({ steps: [{ calls: [call('x')] }, { text: 'done' }], tools: [hanging.tool] })
  const { task } = await world.submit()
  await hanging.begun
  await stop(task.id)
  world.clock.advance(graceMs)
  await hanging.interrupted
  await world.event(task.id, 'run.paused')
  hanging.finish('late')
  await resume(task.id)
  await world.event(task.id, 'run.succeeded')
  const settled = (await world.events(task.id)).filter((event) => event.kind === 'action.settled')
  expect(settled.map(({ facts }) => facts.outcome)).toEqual(outcomes)
})

test('an action that reaches its end within the grace is settled, and the next does not begin', async () => {
  const hanging = hangingTool()
  await open({ steps: [{ calls: [call('x'), call('y')] }, { text: 'done' }], tools: [hanging.tool] })
  const { task, run } = await world.submit()
  await hanging.begun
  await stop(task.id)
  hanging.finish('first')
  await world.attemptEnded(run.id)
  const kinds = await kindsOf(task.id)
  expect(kinds.filter((kind) => kind === 'action.decided')).toHaveLength(1)
  expect(kinds.slice(-2)).toEqual(['action.settled', 'run.paused'])
  expect(world.clock.waiting).toBe(0)
})

test('a response that comes within the grace is kept, and none of its calls begins before the run is resumed', async () => {
  const hold = Promise.withResolvers<void>()
  let performed = 0
  const tool = createScriptedTool('note', () => {
    performed += 1
    return 'ok'
  })
  await open({ steps: [{ calls: [call('x')], before: () => hold.promise }, { text: 'done' }], tools: [tool] })
  const { task, run } = await world.submit()
  await modelAsked(1)
  await stop(task.id)
  hold.resolve()
  await world.attemptEnded(run.id)
  expect(performed).toBe(0)
  expect((await kindsOf(task.id)).slice(-3)).toEqual(['model.responded', 'action.requested', 'run.paused'])
  await resume(task.id)
  await world.event(task.id, 'run.succeeded')
  expect(performed).toBe(1)
})

/** Stops the task's run in the moment in which a commit with an event of this kind is handed to the store, before it. */
function stoppingBefore(kind: EventKind): NonNullable<EngineWorldOptions['wrapStore']> {
  let isStopped = false
  return (store) =>
    watchCommits(store, {
      before: async (kinds) => {
        if (isStopped || !kinds.includes(kind) || kinds.includes('run.claimed')) return
        isStopped = true
        await stop('task-1')
      },
    })
}

test.each<EventKind>(['action.decided', 'step.started'])(
  'nothing begins after a stop that comes right before %s is committed',
  async (kind) => {
    const tool = createScriptedTool('note', () => 'ok')
    const steps = [{ calls: [call('x')] }, { calls: [call('y')] }, { text: 'done' }]
    // The claim starts the first step, so that the second is the one that is stopped.
    await open({ steps, tools: [tool], wrapStore: stoppingBefore(kind) })
    const { run, task } = await world.submit({ taskId: 'task-1' })
    await world.attemptEnded(run.id)
    const kinds = await kindsOf(task.id)
    const after = kinds.slice(kinds.indexOf('run.stop_requested'))
    for (const begun of ['action.decided', 'step.started', 'run.succeeded'] as const) expect(after).not.toContain(begun)
    expect(kinds.at(-1)).toBe('run.paused')
  },
)

test('a failed call is not tried again after a stop', async () => {
  const hold = Promise.withResolvers<void>()
  const throws = new ModelError('provider_overloaded', 'Busy.', { retryable: true })
  await open({ steps: [{ throws, before: () => hold.promise }, { text: 'done' }] })
  const { task, run } = await world.submit()
  await modelAsked(1)
  await stop(task.id)
  hold.resolve()
  await world.attemptEnded(run.id)
  expect(models().calls).toHaveLength(1)
  expect((await kindsOf(task.id)).slice(-2)).toEqual(['model.failed', 'run.paused'])
  const paused = await world.store.readSnapshot(task.id)
  expect(paused?.task.ledger.reserved).toEqual({ micros_usd: 0, tokens: 0, steps: 0 })
  await resume(task.id)
  await world.event(task.id, 'run.succeeded')
})

test('a stop while the next try is waited for lets the reservation go and charges nothing', async () => {
  const throws = new ModelError('rate_limited', 'Slow down.', { retryable: true, retryAfterMs: 60_000 })
  await open({ steps: [{ throws }, { text: 'done' }] })
  const { task, run } = await world.submit()
  await world.event(task.id, 'model.failed')
  await stop(task.id)
  world.clock.advance(graceMs)
  await world.attemptEnded(run.id)
  const interrupted = (await world.events(task.id)).find((event) => event.kind === 'model.interrupted')
  expect(interrupted?.facts).toMatchObject({ try: 2, reason: 'stopped' })
  expect(interrupted?.facts.usage).toBeUndefined()
  const paused = await world.store.readSnapshot(task.id)
  expect(paused?.run).toMatchObject({ state: 'paused', costMicrosUsd: 0 })
  expect(paused?.task.ledger.reserved).toEqual({ micros_usd: 0, tokens: 0, steps: 0 })
})

test('resuming a run that is being stopped withdraws the stop, and the run goes on in the same attempt', async () => {
  const hold = Promise.withResolvers<void>()
  await open({ steps: [{ text: 'done', before: () => hold.promise }] })
  const { task, run } = await world.submit()
  await modelAsked(1)
  await stop(task.id)
  const withdrawn = await resume(task.id)
  expect(withdrawn.run).toMatchObject({ state: 'running', stopRequestedAt: null })
  world.clock.advance(graceMs)
  hold.resolve()
  await world.attemptEnded(run.id)
  expect(await world.store.readRun(run.id)).toMatchObject({ state: 'succeeded', attempt: 1 })
  expect(await kindsOf(task.id)).toContain('run.stop_withdrawn')
  expect(await kindsOf(task.id)).not.toContain('run.paused')
})

test('a stop that is withdrawn in the moment in which the run is paused does not pause it', async () => {
  const hanging = hangingTool()
  let isWithdrawn = false
  const wrapStore: EngineWorldOptions['wrapStore'] = (store) =>
    watchCommits(store, {
      before: async (kinds) => {
        if (isWithdrawn || !kinds.includes('run.paused')) return
        isWithdrawn = true
        await resume('task-1')
      },
    })
  await open({ steps: [{ calls: [call('x')] }, { text: 'done' }], tools: [hanging.tool], wrapStore })
  const { task } = await world.submit({ taskId: 'task-1' })
  await hanging.begun
  await stop(task.id)
  hanging.finish('ok')
  await world.event(task.id, 'run.succeeded')
  expect(await kindsOf(task.id)).not.toContain('run.paused')
  expect(isWithdrawn).toBe(true)
})

test('a stop that is withdrawn after its run was interrupted lets the run go on in another attempt', async () => {
  let first = true
  let isWithdrawn = false
  const wrapStore: EngineWorldOptions['wrapStore'] = (store) =>
    watchCommits(store, {
      before: async (kinds) => {
        if (isWithdrawn || !kinds.includes('model.interrupted')) return
        isWithdrawn = true
        await resume('task-1')
      },
    })
  const before = async () => {
    if (!first) return
    first = false
    await never()
  }
  await open({ steps: [{ text: 'done', before }], wrapStore })
  const { task } = await world.submit({ taskId: 'task-1' })
  await modelAsked(1)
  await stop(task.id)
  world.clock.advance(graceMs)
  await world.event(task.id, 'run.succeeded')
  const events = await world.events(task.id)
  expect(events.map(({ kind }) => kind)).not.toContain('run.paused')
  expect(events.find((event) => event.kind === 'attempt.lost')?.facts).toMatchObject({ reason: 'handed_back' })
})

test('a stop that is pending when the process dies pauses the run at the next start', async () => {
  const hanging = hangingTool()
  await open({ steps: [{ calls: [call('x')] }, { text: 'done' }], tools: [hanging.tool] })
  const { task, run } = await world.submit()
  await hanging.begun
  await stop(task.id)
  const next = await createEngineWorld({ steps: [{ text: 'done' }], tools: [hanging.tool], beside: world })
  await rescueRuns(next.deps)
  await next.deps.dispatcher.start()
  expect(await world.store.readRun(run.id)).toMatchObject({ state: 'paused', stopRequestedAt: null })
  expect((await kindsOf(task.id)).slice(-2)).toEqual(['attempt.lost', 'run.paused'])
  await next.stop()
})

test('a run that is being stopped can be cancelled, and asking twice for a stop changes nothing', async () => {
  await open({ steps: [{ text: 'abc', before: never }] })
  const { task, run } = await world.submit()
  await modelAsked(1)
  await stop(task.id)
  await stop(task.id)
  expect((await kindsOf(task.id)).filter((kind) => kind === 'run.stop_requested')).toHaveLength(1)
  const cancelled = await cancelRun(world.deps, world.owner, task.id)
  expect(cancelled.run.state).toBe('cancelled')
  await world.attemptEnded(run.id)
  expect((await kindsOf(task.id)).slice(-2)).toEqual(['model.interrupted', 'run.cancelled'])
  await expect(stop(task.id)).rejects.toMatchObject({ code: 'run_settled' })
  await expect(resume(task.id)).rejects.toMatchObject({ code: 'run_settled' })
})

test('a running run that nobody stops cannot be resumed', async () => {
  const hold = Promise.withResolvers<void>()
  await open({ steps: [{ text: 'done', before: () => hold.promise }] })
  const { task, run } = await world.submit()
  await modelAsked(1)
  await expect(resume(task.id)).rejects.toMatchObject({ code: 'move_refused' })
  hold.resolve()
  await world.attemptEnded(run.id)
})
