import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld, type EngineWorldOptions } from '../../test/support/create-engine-world.ts'
import {
  callsOf,
  cancelRunOf,
  claimSubmitted,
  kindsOf,
  stopRunOf,
  withdrawStopOf,
} from '../../test/support/open-attempt.ts'
import { createScriptedTool } from '../../test/support/scripted-tool.ts'
import { type CommitHooks, watchCommits } from '../../test/support/watch-commits.ts'
import type { EventKind } from '../domain/event.ts'
import type { Delta } from '../live/live.ts'
import { ModelError } from '../model/model.ts'
import type { ClaimedRun } from './attempt.ts'
import { type AttemptControl, createAttemptControl } from './attempt-control.ts'
import { runAttempt } from './run-attempt.ts'

let world: EngineWorld
afterEach(() => world.close())

const graceMs = 1_000
const never = () => new Promise<never>(() => undefined)
const call = (text: string) => ({ tool: 'note', input: { text } })

interface Opening extends EngineWorldOptions {
  readonly hooks?: CommitHooks
}

/** A run that is claimed and about to be executed. `execute` begins; commands reach the control of the attempt. */
async function open({ hooks = {}, ...options }: Opening = {}) {
  world = await createEngineWorld({ ...options, wrapStore: (store) => watchCommits(store, hooks) })
  const claimed = await claimSubmitted(world, { taskId: 'task-1' })
  return { claimed, ...attemptAt(claimed) }
}

function attemptAt(claimed: ClaimedRun) {
  const control = createAttemptControl(world.clock, graceMs)
  const execute = () => {
    const end = runAttempt(world.deps, claimed, control)
    const done = end.then(
      () => undefined,
      () => undefined,
    )
    world.deps.attempts.add(claimed.snapshot.run.id, control, done)
    return end
  }
  return { control, execute }
}

const isSent = ({ call: current }: AttemptControl) => current?.phase === 'sent'
const callIsSent = (nth = 1) => world.clock.until(() => callsOf(world).length >= nth)
const kinds = async () => kindsOf(await world.events('task-1'))
const runNow = async () => (await world.store.readSnapshot('task-1'))?.run
const reservedNow = async () => (await world.store.readSnapshot('task-1'))?.task.ledger.reserved
/** The texts that were kept of a call that was interrupted. */
async function keptOfCall() {
  const call = (await world.events('task-1')).find(({ kind }) => kind === 'model.interrupted')
  const kept = await world.store.readContents(Object.values(call?.contents ?? {}))
  return [...kept.values()].map(({ body }) => body)
}

/** The digest of the only statement about a settlement. */
async function settlementOf(taskId: string) {
  const settlements = (await world.store.listStatements(taskId)).filter(({ kind }) => kind === 'settlement')
  expect(settlements).toHaveLength(1)
  return settlements[0]?.digest
}

const nothing = { micros_usd: 0, tokens: 0, steps: 0 }

test('a run is executed to its end, and leaves no timer and no call behind', async () => {
  const { execute, control } = await open({ steps: [{ text: 'done' }] })
  expect(await execute()).toEqual({ kind: 'ended', state: 'succeeded', configuration: false })
  expect((await kinds()).slice(-2)).toEqual(['model.responded', 'run.succeeded'])
  expect(world.clock.waiting).toBe(0)
  expect(control.call).toBeUndefined()
})

test('the first step that the claim has started is not started again', async () => {
  const { execute, claimed } = await open({ steps: [{ text: 'done' }] })
  await execute()
  expect((await kinds()).filter((kind) => kind === 'step.started')).toHaveLength(1)
  const responded = (await world.events('task-1')).find(({ kind }) => kind === 'model.responded')
  expect(responded?.facts).toMatchObject({ step: 1, released: claimed.firstCall?.reserved })
})

test('what was streamed of a call is forgotten once its end is committed', async () => {
  const heard: Delta[] = []
  const listen = (seen: readonly EventKind[]) => {
    if (seen.includes('action.decided')) world.deps.live.listen('task-1', (delta) => heard.push(delta))
  }
  const tool = createScriptedTool('note', () => {
    world.deps.live.listen('task-1', (delta) => heard.push(delta))
    return 'ok'
  })
  const steps = [{ text: 'first', calls: [call('a')] }, { text: 'done' }]
  const { execute } = await open({ steps, tools: [tool], hooks: { before: listen } })
  await execute()
  // Who listens right before the commit is given the text so far; who listens after it, only what comes later.
  expect(heard.map(({ text, snapshot }) => [text, snapshot])).toEqual([
    ['first', true],
    ['done', false],
    ['done', false],
  ])
})

test('what was streamed of a call that failed is forgotten before its next try', async () => {
  const throws = new ModelError('provider_overloaded', 'Later.', { retryable: true, streamedChars: 4 })
  const { execute, control } = await open({ steps: [{ text: 'half', throws }, { text: 'done' }] })
  const end = execute()
  await world.clock.until(() => control.call?.tryNumber === 2)
  const heard: Delta[] = []
  world.deps.live.listen('task-1', (delta) => heard.push(delta))
  expect(heard).toEqual([])
  world.clock.advance(60_000)
  expect(await end).toMatchObject({ kind: 'ended', state: 'succeeded' })
})

test('a call that failed for good leaves no call behind', async () => {
  const throws = new ModelError('request_refused', 'No.', { retryable: false, streamedChars: 0 })
  const { execute, control } = await open({ steps: [{ throws }] })
  expect(await execute()).toMatchObject({ kind: 'ended', state: 'failed' })
  expect(control.call).toBeUndefined()
})

test('a run whose budget does not pay for its first call fails without one', async () => {
  world = await createEngineWorld({ steps: [{ text: 'never' }] })
  const { execute } = attemptAt(await claimSubmitted(world, { taskId: 'task-1', budget: { tokens: 500 } }))
  expect(await execute()).toMatchObject({ kind: 'ended', state: 'failed' })
  expect(callsOf(world)).toEqual([])
})

test('a stop that comes with the decision on an action lets that action be made and settled', async () => {
  const stop = async (seen: readonly EventKind[]) => {
    if (seen.includes('action.decided')) await stopRunOf(world, 'task-1')
  }
  const tool = createScriptedTool('note', () => 'ok')
  const { execute } = await open({ steps: [{ calls: [call('a')] }], tools: [tool], hooks: { after: stop } })
  expect(await execute()).toEqual({ kind: 'paused' })
  const events = await world.events('task-1')
  expect(kindsOf(events).slice(-4)).toEqual(['action.decided', 'run.stop_requested', 'action.settled', 'run.paused'])
  expect(events.at(-2)?.facts).toMatchObject({ outcome: 'settled' })
})

test('a run whose policy is gone is a defect', async () => {
  const { execute } = await open()
  Object.assign(world.deps.store, { readPolicy: async () => undefined })
  await expect(execute()).rejects.toThrow(/The policy default \(sha256:.+\) is not there/u)
})

test('a defect leaves the run as it is for the rescuer, and no timer', async () => {
  const { execute } = await open({ steps: [{ throws: new TypeError('x is not a function') }] })
  await expect(execute()).rejects.toThrow(TypeError)
  expect((await runNow())?.state).toBe('running')
  expect(world.clock.waiting).toBe(0)
})

test('a run that takes longer than it may fails, its call charged and its open action settled as unknown', async () => {
  const tool = createScriptedTool('note', never, { timeoutMs: 1e9 })
  const { execute, claimed } = await open({ steps: [{ calls: [call('a')] }], tools: [tool] })
  const end = execute()
  await world.event('task-1', 'action.decided')
  const { timeoutMs } = claimed.snapshot.run.config
  world.clock.advance(timeoutMs - 1)
  expect((await runNow())?.state).toBe('running')
  world.clock.advance(1)
  expect(await end).toEqual({ kind: 'ended', state: 'failed', configuration: false })
  expect((await kinds()).slice(-2)).toEqual(['action.settled', 'run.failed'])
  const settled = (await world.events('task-1')).at(-2)
  expect(settled?.facts).toMatchObject({ outcome: 'unknown', statement: await settlementOf('task-1') })
  expect((await runNow())?.error).toEqual({ code: 'run_timeout', message: 'The task took longer than its 3600 s.' })
})

test('the time of a run counts what earlier attempts took of it', async () => {
  const { claimed } = await open({ steps: [{ text: 'half', before: never }] })
  const { task, run } = claimed.snapshot
  const { execute } = attemptAt({
    ...claimed,
    snapshot: { task, run: { ...run, activeMs: run.config.timeoutMs - 10 } },
  })
  const end = execute()
  await callIsSent()
  world.clock.advance(10)
  expect(await end).toMatchObject({ state: 'failed' })
  const interrupted = (await world.events('task-1')).at(-2)
  expect(interrupted).toMatchObject({ kind: 'model.interrupted', facts: { reason: 'timed_out', estimated: true } })
  expect(await keptOfCall()).toEqual(['half'])
})

test('a stop pauses the run at its next boundary, and an action that was not begun stays open', async () => {
  const tool = createScriptedTool('note', async () => {
    await stopRunOf(world, 'task-1')
    return 'ok'
  })
  const { execute } = await open({ steps: [{ calls: [call('a'), call('b')] }], tools: [tool] })
  expect(await execute()).toEqual({ kind: 'paused' })
  expect((await kinds()).slice(-4)).toEqual(['action.decided', 'run.stop_requested', 'action.settled', 'run.paused'])
  expect(world.clock.waiting).toBe(0)
})

test('a run that was stopped before its attempt began is paused without asking the model', async () => {
  const { claimed } = await open()
  await stopRunOf(world, 'task-1')
  const snapshot = await world.store.readSnapshot('task-1')
  if (snapshot === undefined) throw new Error('the task is gone')
  const { execute, control } = attemptAt({ ...claimed, snapshot })
  expect(await execute()).toEqual({ kind: 'paused' })
  expect((await kinds()).slice(-2)).toEqual(['model.interrupted', 'run.paused'])
  expect(callsOf(world)).toEqual([])
  expect(control.call).toBeUndefined()
  expect(await reservedNow()).toEqual(nothing)
})

test('a stop that is withdrawn right before the pause is committed lets the same attempt go on', async () => {
  let isWithdrawn = false
  const withdraw = async (seen: readonly EventKind[]) => {
    if (isWithdrawn || !seen.includes('run.paused')) return
    isWithdrawn = true
    await withdrawStopOf(world, 'task-1')
  }
  const tool = createScriptedTool('note', async () => {
    await stopRunOf(world, 'task-1')
    return 'ok'
  })
  const steps = [{ calls: [call('a')] }, { text: 'done' }]
  const { execute } = await open({ steps, tools: [tool], hooks: { before: withdraw } })
  expect(await execute()).toMatchObject({ kind: 'ended', state: 'succeeded' })
  expect(await kinds()).not.toContain('run.paused')
})

test('a run is handed back at its next boundary, without a pause', async () => {
  const { execute, control } = await open({
    steps: [{ calls: [call('a')] }],
    tools: [
      createScriptedTool('note', () => {
        control.handBack()
        return 'ok'
      }),
    ],
  })
  expect(await execute()).toEqual({ kind: 'handed_back' })
  const events = await world.events('task-1')
  expect(kindsOf(events).slice(-2)).toEqual(['action.settled', 'attempt.lost'])
  expect(events.at(-1)?.facts).toEqual({ attempt: 1, reason: 'handed_back' })
  expect((await runNow())?.state).toBe('queued')
})

test('an attempt that is aborted to be handed back charges its call, and leaves its open action to the next one', async () => {
  const tool = createScriptedTool('note', never)
  const { execute, control } = await open({ steps: [{ calls: [call('a')] }], tools: [tool] })
  const end = execute()
  await world.event('task-1', 'action.decided')
  control.abort('handed_back')
  expect(await end).toEqual({ kind: 'handed_back' })
  expect((await kinds()).slice(-2)).toEqual(['action.decided', 'attempt.lost'])
})

test('a call that was under way when the run is handed back is charged with it, and its text is kept', async () => {
  const { execute, control } = await open({ steps: [{ text: 'half', before: never }] })
  const end = execute()
  await world.clock.until(() => isSent(control))
  await callIsSent()
  control.abort('handed_back')
  await end
  const events = await world.events('task-1')
  expect(kindsOf(events).slice(-2)).toEqual(['model.interrupted', 'attempt.lost'])
  expect(events.at(-2)?.facts).toMatchObject({ reason: 'handed_back' })
  expect(await keptOfCall()).toEqual(['half'])
})

test('a run that was cancelled ends as superseded, and the attempt records nothing', async () => {
  const { execute, claimed } = await open({ steps: [{ text: 'half', before: never }] })
  const end = execute()
  await callIsSent()
  await cancelRunOf(world, { journal: claimed })
  expect(await end).toEqual({ kind: 'superseded' })
  expect((await kinds()).at(-1)).toBe('run.cancelled')
  const heard: Delta[] = []
  world.deps.live.listen('task-1', (delta) => heard.push(delta))
  expect(heard).toEqual([]) // what it had streamed is forgotten
})

test('an attempt that another one took over from records nothing', async () => {
  const { execute, control } = await open({ steps: [{ text: 'half', before: never }] })
  const end = execute()
  await callIsSent()
  const before = await kinds()
  control.abort('superseded')
  expect(await end).toEqual({ kind: 'superseded' })
  expect(await kinds()).toEqual(before)
})

test('a defect while the end of an attempt is recorded is a defect, and no end', async () => {
  const { execute, control } = await open({ steps: [{ text: 'half', before: never }] })
  const end = execute()
  await callIsSent()
  const defect = new TypeError('x is not a function')
  Object.assign(world.deps, { models: { ...world.deps.models, priceMicrosUsd: () => Promise.reject(defect) } })
  control.abort('timed_out')
  await expect(end).rejects.toBe(defect)
  expect((await runNow())?.state).toBe('running')
})

test.each(['handed_back', 'timed_out', 'stopped'] as const)(
  'an attempt whose run is another’s by now is superseded, although it was aborted as %s',
  async (reason) => {
    const { execute, control, claimed } = await open({ steps: [{ text: 'half', before: never }] })
    const end = execute()
    await callIsSent()
    const { attempts } = world.deps
    Object.assign(attempts, { controlOf: () => undefined }) // the cancel comes from another process
    await cancelRunOf(world, { journal: claimed })
    control.abort(reason)
    expect(await end).toEqual({ kind: 'superseded' })
    expect((await kinds()).at(-1)).toBe('run.cancelled')
  },
)

test('a run that reaches no boundary within the grace is paused, its call charged and its action settled as unknown', async () => {
  const tool = createScriptedTool('note', never, { timeoutMs: 1e9 })
  const { execute } = await open({ steps: [{ calls: [call('a')] }], tools: [tool] })
  const end = execute()
  await world.event('task-1', 'action.decided')
  await stopRunOf(world, 'task-1')
  world.clock.advance(graceMs)
  expect(await end).toEqual({ kind: 'paused' })
  const events = await world.events('task-1')
  expect(kindsOf(events).slice(-3)).toEqual(['run.stop_requested', 'action.settled', 'run.paused'])
  expect(events.at(-2)?.facts).toMatchObject({ outcome: 'unknown', statement: await settlementOf('task-1') })
  const kept = await world.store.readContents(Object.values(events.at(-2)?.contents ?? {}))
  expect([...kept.values()].map(({ body }) => body)).toEqual([expect.stringContaining('Its outcome is unknown')])
  expect(await reservedNow()).toEqual(nothing)
})

test('a stop that was withdrawn at the last moment hands the interrupted run back to the queue', async () => {
  const { execute } = await open({ steps: [{ text: 'half', before: never }] })
  const end = execute()
  await callIsSent()
  await stopRunOf(world, 'task-1')
  Object.assign(world.deps.attempts, { controlOf: () => undefined }) // it is withdrawn in another process
  await withdrawStopOf(world, 'task-1')
  world.clock.advance(graceMs)
  expect(await end).toEqual({ kind: 'handed_back' })
  const events = await world.events('task-1')
  expect(kindsOf(events).slice(-3)).toEqual(['run.stop_withdrawn', 'model.interrupted', 'attempt.lost'])
  expect(events.at(-2)?.facts).toMatchObject({ reason: 'stopped' })
  expect(await keptOfCall()).toEqual(['half'])
  expect((await runNow())?.state).toBe('queued')
})
