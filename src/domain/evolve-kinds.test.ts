import { expect, test } from 'vitest'
import { sampleDigest, sampleEvent, sampleFacts } from '../../test/support/sample-facts.ts'
import { moveLedger, openLedger } from './budget.ts'
import { type AnyEvent, type EventKind, eventKinds, type JournalEvent } from './event.ts'
import { evolve, evolveAll, foldJournal, purgeAtOf, startTask, type TaskSnapshot } from './evolve.ts'
import { ledgerMoveOf, noMove } from './ledger-moves.ts'
import type { Run, Task } from './task.ts'
import { noUsage } from './usage.ts'

const details = { title: 'A title', metadata: { ticket: 7 }, extension: { kept: 1, private: { name: 'x' } } }
const opening = [
  sampleEvent('task.submitted', { seq: 1, at: 100, run: null }),
  sampleEvent('message.added', { seq: 2, at: 200, run: null }),
  sampleEvent('run.queued', { seq: 3, at: 300 }),
]
const queued = startTask('task-1', opening, details, { mode: 'x' })
const claimed = evolve(queued, sampleEvent('run.claimed', { seq: 4, at: 1_000 }))
const usage = { inputTokens: 100, outputTokens: 200, cacheReadTokens: 300, cacheWriteTokens: 400, reasoningTokens: 500 }

/** A run that is held since 1,000 and has a past: no field has the value that a new run gives it. */
const running: TaskSnapshot = {
  task: { ...claimed.task, updatedAt: 4_000, hold: 'case 6', lastSeq: 8 },
  run: { ...claimed.run, steps: 1, usage, costMicrosUsd: 5, activeMs: 200, lostAttempts: 1, stopRequestedAt: 3_000 },
}
const paused = evolve(running, sampleEvent('run.paused', { at: 5_000 }))
const waiting = evolve(running, sampleEvent('run.waiting', { at: 5_000 }))
const ended = evolve(running, sampleEvent('run.failed', { at: 5_000 }))
const retentionMs = 30 * 86_400_000
const result = { result: sampleDigest(77) }

test('a new task has what its first events say, and the details of its user', () => {
  const { task } = startTask('task-1', opening, details)
  expect(task).toStrictEqual({
    id: 'task-1',
    number: 0,
    ownerId: 'owner-1',
    teamId: 'team-1',
    submitter: { userId: 'user-2', keyId: 'key-2' },
    visibility: 'team',
    agentId: 'agent-1',
    dialect: 'native',
    ...details,
    parentId: 'parent-1',
    rootId: 'root-1',
    webhook: { endpoint: 'endpoint-1', events: ['run.failed'] },
    runId: 'run-1',
    state: 'queued',
    lastSeq: 3,
    ledger: openLedger(sampleFacts['task.submitted'].budget),
    purgeAt: null,
    purgedAt: null,
    hold: null,
    manifest: sampleDigest(3),
    createdAt: 100,
    updatedAt: 300,
  })
})

test('a new run is queued with its frozen configuration and has done nothing', () => {
  const { run } = startTask('task-1', opening, details, { mode: 'x' })
  expect(run).toStrictEqual({
    id: 'run-1',
    taskId: 'task-1',
    ownerId: 'owner-1',
    agentId: 'agent-1',
    turn: 1,
    place: 'cloud:default',
    state: 'queued',
    attempt: 0,
    lostAttempts: 0,
    priority: 7,
    queuedAt: 300,
    notBefore: 5_000,
    stopRequestedAt: null,
    config: { ...sampleFacts['run.queued'].config, extension: { mode: 'x' } },
    input: sampleDigest(4),
    result: null,
    error: null,
    steps: 0,
    usage: noUsage,
    costMicrosUsd: 0,
    activeMs: 0,
    claimedAt: null,
    startedAt: null,
    endedAt: null,
  })
})

test('a task without a webhook, a submitter of its own or files has none, and its owner submitted it', () => {
  const { webhook: _none, submitted_by: _owner, ...facts } = sampleFacts['task.submitted']
  const [submitted, , first] = opening
  const message = sampleEvent('message.added', { seq: 2, facts: { role: 'user' } } as Partial<JournalEvent>)
  const { task } = startTask('task-1', [{ ...submitted, facts }, message, first] as AnyEvent[], details)
  expect(task).toMatchObject({ webhook: null, submitter: { userId: 'owner-1', keyId: null }, manifest: null })
})

test.each<[string, readonly (AnyEvent | undefined)[]]>([
  ['nothing', []],
  ['its task alone', opening.slice(0, 1)],
  ['no run', opening.slice(0, 2)],
  ['another event in place of its task', [opening[1], opening[1], opening[2]]],
  ['another event in place of its message', [opening[0], opening[0], opening[2]]],
  ['another event in place of its run', [opening[0], opening[1], opening[1]]],
])('a journal that begins with %s is refused', (_what, events) => {
  expect(() => startTask('task-1', events as AnyEvent[], details)).toThrow(
    'A journal begins with task.submitted, message.added, run.queued.',
  )
})

test('a run that its event does not name is refused', () => {
  const [submitted, message] = opening as [JournalEvent, JournalEvent]
  const nameless = sampleEvent('run.queued', { run: null })
  expect(() => startTask('task-1', [submitted, message, nameless], details)).toThrow('run.queued names no run.')
})

interface Change {
  readonly on: TaskSnapshot
  readonly run?: Partial<Run>
  readonly task?: Partial<Task>
  readonly contents?: Readonly<Record<string, string>>
}

const heldMs = { activeMs: 200 + 9_000, claimedAt: null }
const endedRun = { ...heldMs, endedAt: 10_000 }
const endedTask = { purgeAt: 10_000 + retentionMs }
const { error } = sampleFacts['run.failed']
const used = { inputTokens: 103, outputTokens: 202, cacheReadTokens: 301, cacheWriteTokens: 405, reasoningTokens: 504 }

/** The change of each kind besides the ledger: an event at 10,000 with the sample facts, on a snapshot that it fits. */
const changes: Readonly<Record<Exclude<EventKind, 'task.submitted' | 'task.purged' | 'run.queued'>, Change>> = {
  'message.added': {
    on: { ...running, task: { ...running.task, manifest: null } },
    task: { manifest: sampleDigest(3) },
  },
  'run.claimed': { on: queued, run: { state: 'running', attempt: 1, claimedAt: 10_000, startedAt: 10_000 } },
  // The process that held the run was last heard of at 4,000.
  'attempt.lost': {
    on: running,
    run: {
      state: 'queued',
      lostAttempts: 2,
      activeMs: 200 + 3_000,
      claimedAt: null,
      queuedAt: 10_000,
      notBefore: 6_000,
    },
  },
  'run.stop_requested': { on: running, run: { stopRequestedAt: 10_000 } },
  'run.stop_withdrawn': { on: running, run: { stopRequestedAt: null } },
  'step.started': { on: running },
  'model.responded': { on: running, run: { steps: 2, usage: used, costMicrosUsd: 75 } },
  'model.failed': { on: running, run: { usage: used, costMicrosUsd: 65 } },
  'model.interrupted': { on: running, run: { usage: used, costMicrosUsd: 55 } },
  'action.requested': { on: running },
  'action.decided': { on: running },
  'action.revoked': { on: running },
  'action.settled': { on: running, run: { costMicrosUsd: 25 }, task: { manifest: sampleDigest(7) } },
  'budget.overdrawn': { on: running },
  'budget.transferred': { on: running },
  'budget.returned': { on: ended },
  'budget.granted': { on: ended },
  'budget.released': { on: ended },
  'task.hold_placed': { on: ended, task: { hold: 'case 7' } },
  'task.hold_lifted': { on: ended, task: { hold: null } },
  'prompt.opened': { on: running },
  'prompt.answered': { on: waiting },
  'prompt.rejected': { on: waiting },
  'prompt.expired': { on: waiting },
  'prompt.withdrawn': { on: waiting },
  'run.waiting': { on: running, run: { ...heldMs, state: 'waiting' } },
  'run.paused': { on: running, run: { ...heldMs, state: 'paused', stopRequestedAt: null } },
  'run.resumed': { on: paused, run: { state: 'queued', queuedAt: 10_000, notBefore: null } },
  'run.succeeded': {
    on: running,
    contents: result,
    run: { ...endedRun, state: 'succeeded', result: result.result },
    task: endedTask,
  },
  'run.failed': { on: running, contents: result, run: { ...endedRun, state: 'failed', error }, task: endedTask },
  'run.blocked': {
    on: running,
    contents: result,
    run: { ...endedRun, state: 'blocked', result: result.result, error: sampleFacts['run.blocked'].error },
    task: endedTask,
  },
  'run.cancelled': { on: running, contents: result, run: { ...endedRun, state: 'cancelled' }, task: endedTask },
}

test.each(Object.entries(changes))(
  '%s changes what it says and nothing else',
  (kind, { on, run, task, contents = {} }) => {
    const event = sampleEvent(kind as EventKind, { seq: 50, contents })
    const after = evolve(on, event)
    expect(after.run).toStrictEqual({ ...on.run, ...run })
    expect(after.task).toStrictEqual({
      ...on.task,
      ledger: moveLedger(on.task.ledger, ledgerMoveOf(event) ?? noMove),
      state: after.run.state,
      lastSeq: 50,
      updatedAt: 10_000,
      ...task,
    })
  },
)

test('an event that has no number yet takes the next one', () => {
  const { seq: _none, ...unnumbered } = sampleEvent('message.added')
  expect(evolve(running, unnumbered as AnyEvent).task.lastSeq).toBe(9)
  expect(startTask('task-1', opening.map(({ seq: _no, ...event }) => event) as AnyEvent[], details).task.lastSeq).toBe(
    3,
  )
})

test('optional facts that are absent change nothing', () => {
  const without = (kind: EventKind, ...names: readonly string[]) => {
    const facts = Object.entries(sampleFacts[kind]).filter(([name]) => !names.includes(name))
    return sampleEvent(kind, { facts: Object.fromEntries(facts) } as Partial<JournalEvent>)
  }
  for (const kind of ['model.failed', 'model.interrupted'] as const) {
    expect(evolve(running, without(kind, 'usage', 'cost_micros_usd')).run).toStrictEqual(running.run)
  }
  for (const kind of ['message.added', 'action.settled'] as const) {
    expect(evolve(running, without(kind, 'manifest')).task.manifest).toBe(running.task.manifest)
  }
  expect(evolve(running, without('attempt.lost', 'not_before')).run.notBefore).toBeNull()
  expect(evolve(running, sampleEvent('run.succeeded')).run.result).toBeNull()
  expect(evolve(running, sampleEvent('run.blocked')).run.result).toBeNull()
})

test('a run that is claimed again keeps the instant at which it first started', () => {
  const again = evolve(evolve(paused, sampleEvent('run.resumed')), sampleEvent('run.claimed', { at: 20_000 }))
  expect(again.run).toMatchObject({ state: 'running', claimedAt: 20_000, startedAt: 1_000 })
})

test('a run that nobody holds spends no time by waiting, pausing or ending', () => {
  for (const kind of ['run.cancelled', 'run.failed'] as const) {
    for (const on of [queued, paused, waiting]) {
      expect(evolve(on, sampleEvent(kind, { at: 99_000 })).run.activeMs).toBe(on.run.activeMs)
    }
  }
})

test('a clock that went back takes no time away', () => {
  expect(evolve(running, sampleEvent('run.paused', { at: 400 })).run.activeMs).toBe(200)
})

test('a run that waits is resumed like one that is paused', () => {
  expect(evolve(waiting, sampleEvent('run.resumed')).run.state).toBe('queued')
})

test('a further run starts with no instant of a purge, and keeps the hold', () => {
  const next = sampleEvent('run.queued', { run: 'run-2' })
  const purged = evolve(ended, sampleEvent('task.purged', { at: 7_000 }))
  expect(purged.task).toMatchObject({ purgeAt: null, purgedAt: 7_000, manifest: null })
  for (const on of [ended, purged]) {
    expect(evolve(on, next).task).toMatchObject({ runId: 'run-2', purgeAt: null, purgedAt: null, hold: 'case 6' })
  }
})

test('a run that has ended takes further messages, budgets, holds, purges and runs, and refuses every other kind', () => {
  const refused = eventKinds.filter((kind) => {
    try {
      evolve(ended, sampleEvent(kind, kind === 'run.queued' ? { run: 'run-2' } : {}))
      return false
    } catch (error) {
      if (kind !== 'task.submitted') expect(error).toMatchObject({ code: 'run_settled', state: 'failed' })
      return true
    }
  })
  expect(eventKinds.filter((kind) => !refused.includes(kind))).toEqual([
    'message.added',
    'run.queued',
    'budget.transferred',
    'budget.returned',
    'budget.granted',
    'budget.released',
    'task.purged',
    'task.hold_placed',
    'task.hold_lifted',
  ])
})

test('a refusal says which state stands in the way, and what would be allowed', () => {
  expect(() => evolve(ended, sampleEvent('step.started'))).toThrow(
    expect.objectContaining({ code: 'run_settled', message: 'The run has ended (failed).', state: 'failed' }),
  )
  expect(() => evolve(queued, sampleEvent('attempt.lost'))).toThrow(
    expect.objectContaining({
      code: 'move_refused',
      message: 'A run that is queued cannot become queued in this way. Allowed: running.',
      state: 'queued',
    }),
  )
  expect(() => evolve(running, sampleEvent('run.resumed'))).toThrow(
    expect.objectContaining({
      code: 'move_refused',
      message: 'A run that is running cannot become queued in this way. Allowed: paused, waiting.',
      state: 'running',
    }),
  )
})

test('an event of a kind that nobody knows is refused', () => {
  const unknown = { ...sampleEvent('run.paused'), kind: 'run.sung' } as unknown as AnyEvent
  expect(() => evolve(running, unknown)).toThrow('Nothing is known of')
  const unknownAttempt = { ...sampleEvent('run.paused'), kind: 'attempt.sung' } as unknown as AnyEvent
  expect(() => evolve(running, unknownAttempt)).toThrow('Nothing is known of {"kind":"attempt.sung"')
})

test('contents are kept for the days of the policy after the end, and without an end there is no instant', () => {
  expect(purgeAtOf(running.run)).toBeNull()
  expect(purgeAtOf(ended.run)).toBe(5_000 + retentionMs)
})

test('several events give what they give one after another, and a journal gives its rows', () => {
  const more = [sampleEvent('run.claimed', { seq: 4 }), sampleEvent('run.paused', { seq: 5 })]
  const one = more.reduce((before, event) => evolve(before, event), queued)
  expect(evolveAll(queued, more)).toStrictEqual(one)
  expect(foldJournal('task-1', [...opening, ...more], details).run.config.extension).toEqual({})
  const next = sampleEvent('run.queued', { run: 'run-2' })
  expect(evolveAll(ended, [next], { mode: 'y' }).run.config.extension).toEqual({ mode: 'y' })
})
