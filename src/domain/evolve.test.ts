import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EventFacts, EventKind, JournalEvent, NewEvent } from './event.ts'
import { evolve, foldJournal, startTask, type TaskSnapshot } from './evolve.ts'
import { isRefusal } from './refusal.ts'
import { canMove, isTerminal, type RunState } from './run-state.ts'
import { defaultPlace, type RecordedConfig } from './task.ts'
import { purgedDetails, type TaskDetails } from './task-details.ts'

const config: RecordedConfig = {
  model: { provider: 'demo', model: 'demo', name: 'demo', options: {} },
  instructions: null,
  tools: [],
  capabilities: [],
  denied: [],
  policy: { name: 'default', digest: 'sha256:00' },
  retentionDays: 2,
  principal: { user: 'user', team: null, role: 'operator' },
  pathLabels: [],
  stepsMax: 10,
  timeoutMs: 60_000,
  stepTimeoutMs: 10_000,
  queueTimeoutMs: 60_000,
}
const usage = { inputTokens: 3, outputTokens: 2, cacheReadTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 }
const released = { micros_usd: 0, tokens: 0 }
const error = { code: 'x', message: 'y' }
const details: TaskDetails = {
  title: 'A title',
  metadata: { ticket: 7 },
  extension: { kept: 1, private: { name: 'x' } },
}

function event<K extends EventKind>(kind: K, at: number, facts: EventFacts[K], run = 'run-1'): NewEvent {
  return { kind, run, attempt: null, at, facts, contents: {} } as NewEvent
}

function opening(at = 0): NewEvent[] {
  const submitted: EventFacts['task.submitted'] = {
    owner: 'user',
    team: null,
    agent: 'agent',
    dialect: 'native',
    visibility: 'private',
    parent: null,
    root: 'task',
    budget: { micros_usd: 1_000, tokens: 1_000, steps: 10 },
    labels: [],
  }
  return [event('task.submitted', at, submitted), event('message.added', at, { role: 'user' }), queued(at, 1)]
}

function queued(at: number, turn: number): NewEvent {
  const facts = { turn, place: defaultPlace, priority: 5, not_before: null, config, input: 'sha256:input' }
  return event('run.queued', at, facts, `run-${turn}`)
}

/** Any event that anybody could try next; whether it is legal is for the fold to say. */
const anyStep = fc.constantFrom<(at: number, before: TaskSnapshot) => NewEvent>(
  (at, { run }) => event('run.claimed', at, { attempt: run.attempt + 1 }),
  (at, { run }) => event('attempt.lost', at, { attempt: run.attempt, reason: 'died' }),
  (at, { run }) => event('attempt.lost', at, { attempt: run.attempt, reason: 'handed_back' }),
  (at) => event('run.waiting', at, { for: 'answer' }),
  (at) => event('run.paused', at, {}),
  (at) => event('run.resumed', at, {}),
  (at) => event('run.stop_requested', at, {}),
  (at) => event('run.succeeded', at, {}),
  (at) => event('run.failed', at, { error }),
  (at) => event('run.blocked', at, { error }),
  (at) => event('run.cancelled', at, { by: 'user' }),
  (at) => event('message.added', at, { role: 'user' }),
  (at, { run }) =>
    event('model.responded', at, {
      step: run.steps + 1,
      finish: 'stop',
      usage,
      cost_micros_usd: 7,
      released,
      calls: 0,
    }),
  (at, { run }) => queued(at, run.turn + 1),
)

test('any sequence of commands leads to legal states only, and the journal gives the rows', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
      const journal: JournalEvent[] = opening().map((first, index) => ({ ...first, seq: index + 1 }))
      let rows = startTask('task', journal, details)
      for (const [index, step] of steps.entries()) {
        const next = step(index + 1, rows)
        const before = rows
        try {
          rows = evolve(rows, next)
          journal.push({ ...next, seq: journal.length + 1 })
        } catch {
          expect(rows).toBe(before)
          continue
        }
        const moved = before.run.id === rows.run.id && before.run.state !== rows.run.state
        if (moved) expect(canMove(before.run.state, rows.run.state)).toBe(true)
        expect(rows.run.endedAt !== null).toBe(isTerminal(rows.run.state))
        expect(rows.run.claimedAt !== null).toBe(rows.run.state === 'running')
        expect(rows.task.state).toBe(rows.run.state)
      }
      expect(foldJournal('task', journal, details)).toEqual(rows)
      expect(rows.task.lastSeq).toBe(journal.length)
    }),
    { numRuns: 500 },
  )
})

test('a run that has ended takes no further move, whatever comes', () => {
  const ends: [NewEvent, RunState][] = [
    [event('run.succeeded', 2, {}), 'succeeded'],
    [event('run.failed', 2, { error }), 'failed'],
    [event('run.blocked', 2, { error }), 'blocked'],
    [event('run.cancelled', 2, { by: 'user' }), 'cancelled'],
  ]
  for (const [end, state] of ends) {
    const claimed = evolve(startTask('task', opening(), details), event('run.claimed', 1, { attempt: 1 }))
    const ended = evolve(claimed, end)
    expect(ended.run.state).toBe(state)
    for (const [second] of ends) {
      expect(() => evolve(ended, second)).toThrow(expect.objectContaining({ code: 'run_settled' }))
    }
  }
})

test('a new run starts clean and keeps nothing of the one before', () => {
  const claimed = evolve(startTask('task', opening(), details), event('run.claimed', 1, { attempt: 1 }))
  const spent = evolve(
    claimed,
    event('model.responded', 2, { step: 1, finish: 'stop', usage, cost_micros_usd: 7, released, calls: 0 }),
  )
  const next = evolve(evolve(spent, event('run.failed', 3, { error })), queued(4, 2))
  expect(next.run).toMatchObject({ id: 'run-2', turn: 2, attempt: 0, steps: 0, costMicrosUsd: 0, error: null })
  expect(next.task).toMatchObject({ runId: 'run-2', state: 'queued' })
})

test('a second run cannot be queued beside one that has not ended', () => {
  expect(() => evolve(startTask('task', opening(), details), queued(1, 2))).toThrow('has not ended')
})

test('time counts against a run only while it is held by a worker', () => {
  let rows = startTask('task', opening(0), details)
  rows = evolve(rows, event('run.claimed', 1_000, { attempt: 1 }))
  rows = evolve(rows, event('run.paused', 1_400, {}))
  rows = evolve(rows, event('run.resumed', 9_000, {}))
  rows = evolve(rows, event('run.claimed', 10_000, { attempt: 2 }))
  rows = evolve(rows, event('message.added', 10_100, { role: 'user' }))
  rows = evolve(rows, event('attempt.lost', 90_000, { attempt: 2, reason: 'died' }))
  expect(rows.run.activeMs).toBe(500)
  expect(rows.run.lostAttempts).toBe(1)
})

test('an attempt that was handed back does not count as lost', () => {
  const claimed = evolve(startTask('task', opening(), details), event('run.claimed', 1, { attempt: 1 }))
  const back = evolve(claimed, event('attempt.lost', 2, { attempt: 1, reason: 'handed_back' }))
  expect(back.run).toMatchObject({ state: 'queued', lostAttempts: 0 })
})

test('a journal that does not begin with its task is refused', () => {
  expect(() => startTask('task', opening().slice(1), details)).toThrow('begins with')
  expect(() => evolve(startTask('task', opening(), details), opening()[0] as NewEvent)).toThrow('cannot follow')
  expect(isRefusal(new Error('x'))).toBe(false)
})

test('a purge takes what came from the user out of the rows, and a further run may follow', () => {
  const opened = startTask('task', opening(), details, { source: 'mine' })
  expect(opened.task).toMatchObject(details)
  expect(opened.run.config.extension).toEqual({ source: 'mine' })
  const ended = evolve(opened, event('run.cancelled', 1, { by: 'user' }))
  const purged = evolve(ended, event('task.purged', 2, { by: 'user', reason: 'request', contents: 3 }))
  expect(purged.task).toEqual({
    ...ended.task,
    ...purgedDetails,
    extension: { kept: 1 },
    purgeAt: null,
    purgedAt: 2,
    lastSeq: 5,
    updatedAt: 2,
  })
  expect(purged.run).toEqual({ ...ended.run, config: { ...ended.run.config, extension: {} } })
  const next = evolve(purged, queued(3, 2), { source: 'again' })
  expect(next.run.config.extension).toEqual({ source: 'again' })
  expect(next.task).toMatchObject({ title: purgedDetails.title, purgedAt: null })
})
