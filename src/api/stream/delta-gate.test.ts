import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JournalEvent } from '../../domain/event.ts'
import type { Delta } from '../../live/live.ts'
import { createDeltaGate, type JournalPosition } from './delta-gate.ts'

const start: JournalPosition = { lastSeq: 4, run: 'r1', attempt: 1, steps: 0 }

type Fact = { kind: string; run?: string; facts?: object }
const event = (seq: number, { kind, run = 'r1', facts = {} }: Fact) =>
  ({ seq, kind, run, attempt: 1, at: 0, facts, contents: {} }) as unknown as JournalEvent
const delta = (over: Partial<Delta> = {}): Delta => ({
  task: 't',
  run: 'r1',
  attempt: 1,
  step: 1,
  index: 0,
  kind: 'text.delta',
  action: null,
  text: 'x',
  snapshot: false,
  ...over,
})

const started = (seq: number, step: number, run = 'r1') => event(seq, { kind: 'step.started', run, facts: { step } })
const responded = (seq: number, step: number) => event(seq, { kind: 'model.responded', facts: { step } })
const of = (kind: string, action: string) => ({ kind, facts: { action } })

describe('a reader who has seen all there is', () => {
  const gate = () => createDeltaGate(start, 4, [started(4, 1)])

  test('is shown the deltas of the step that has started, and of no later one', () => {
    expect(gate().judge(delta())).toBe('show')
    expect(gate().judge(delta({ kind: 'reasoning.delta' }))).toBe('show')
    expect(gate().judge(delta({ step: 2 }))).toBe('hold')
  })

  test('is shown no delta of a step before its start', () => {
    const before = createDeltaGate(start, 4, [])
    expect(before.judge(delta())).toBe('hold')
    expect(before.judge(delta({ kind: 'reasoning.delta' }))).toBe('hold')
    before.shown(event(5, { kind: 'message.added' }))
    expect(before.judge(delta())).toBe('hold')
    before.shown(started(6, 1))
    expect(before.judge(delta())).toBe('show')
  })

  test('is shown no delta of a step after its committed event', () => {
    const after = gate()
    after.shown(responded(5, 1))
    expect(after.judge(delta())).toBe('drop')
  })

  test('is shown the deltas of the next step after its start, which stands behind what the step before left open', () => {
    const after = gate()
    after.shown(responded(5, 1))
    after.shown(event(6, of('action.requested', 'a')))
    expect(after.judge(delta({ step: 2 }))).toBe('hold')
    after.shown(event(7, of('action.settled', 'a')))
    after.shown(started(8, 2))
    expect(after.judge(delta({ step: 2 }))).toBe('show')
  })

  test('is shown what a further try says: a failed one does not end its step', () => {
    const after = gate()
    after.shown(event(5, { kind: 'model.failed', facts: { step: 1, try: 1, will_retry: true } }))
    expect(after.judge(delta())).toBe('show')
  })

  test('is shown nothing of an older attempt, and of a newer one only after its claim and the start of its step', () => {
    const after = gate()
    expect(after.judge(delta({ attempt: 2 }))).toBe('hold')
    after.shown(event(5, { kind: 'run.claimed', facts: { attempt: 2 } }))
    expect(after.judge(delta({ attempt: 2 }))).toBe('hold')
    after.shown({ ...started(6, 1), attempt: 2 } as JournalEvent)
    expect(after.judge(delta({ attempt: 2 }))).toBe('show')
    expect(after.judge(delta({ attempt: 1 }))).toBe('drop')
  })

  test('is shown the progress of an action between its decision and its settlement', () => {
    const after = gate()
    const progress = delta({ kind: 'action.progress', action: 'a' })
    expect(after.judge(progress)).toBe('hold')
    after.shown(responded(5, 1))
    expect(after.judge(progress)).toBe('hold')
    after.shown(event(6, of('action.requested', 'a')))
    expect(after.judge(progress)).toBe('hold')
    after.shown(event(7, of('action.decided', 'a')))
    expect(after.judge(progress)).toBe('show')
    expect(after.judge({ ...progress, action: 'b' })).toBe('hold')
    after.shown(event(8, of('action.settled', 'a')))
    expect(after.judge(progress)).toBe('drop')
    after.shown(event(9, of('action.decided', 'b')))
    expect(after.judge({ ...progress, action: 'b' })).toBe('show')
    after.shown(responded(10, 2))
    expect(after.judge({ ...progress, action: 'b' })).toBe('drop')
  })

  test('is shown nothing of a run that has ended, and the next one from the start of its step on', () => {
    const after = gate()
    after.shown(event(5, { kind: 'run.succeeded' }))
    expect(after.judge(delta({ step: 9 }))).toBe('drop')
    const next = delta({ run: 'r2' })
    for (const [at, kind] of ['run.queued', 'run.claimed'].entries()) {
      expect(after.judge(next)).toBe('hold')
      after.shown(event(6 + at, { kind, run: 'r2', facts: { attempt: 1 } }))
    }
    expect(after.judge(next)).toBe('hold')
    after.shown(started(8, 1, 'r2'))
    expect(after.judge(next)).toBe('show')
    expect(after.judge(delta())).toBe('drop')
  })
})

test('a reader who comes late is shown deltas once it has caught up with where the journal stood', () => {
  const begun = { ...started(7, 4), attempt: 2 } as JournalEvent
  const gate = createDeltaGate({ lastSeq: 9, run: 'r1', attempt: 2, steps: 3 }, 7, [begun])
  const now = delta({ attempt: 2, step: 4 })
  expect(gate.judge(now)).toBe('hold')
  gate.shown(event(8, { kind: 'message.added' }))
  expect(gate.judge(now)).toBe('hold')
  gate.shown(event(9, { kind: 'message.added' }))
  expect(gate.judge(now)).toBe('show')
})

describe('where a reader begins', () => {
  const journal = [
    event(1, { kind: 'task.submitted' }),
    event(2, { kind: 'message.added' }),
    event(3, { kind: 'run.queued' }),
    event(4, { kind: 'run.claimed', facts: { attempt: 1 } }),
    started(5, 1),
    responded(6, 1),
    event(7, of('action.decided', 'a')),
    event(8, of('action.settled', 'a')),
    event(9, { kind: 'attempt.lost' }),
    event(10, { kind: 'run.claimed', facts: { attempt: 2 } }),
    { ...started(11, 2), attempt: 2 } as JournalEvent,
    { ...responded(12, 2), attempt: 2 } as JournalEvent,
    { ...event(13, of('action.decided', 'b')), attempt: 2 } as JournalEvent,
    { ...event(14, of('action.settled', 'b')), attempt: 2 } as JournalEvent,
    { ...started(15, 3), attempt: 2 } as JournalEvent,
  ]
  const anyDelta = fc.record({
    step: fc.integer({ min: 1, max: 4 }),
    attempt: fc.integer({ min: 1, max: 3 }),
    kind: fc.constantFrom('text.delta' as const, 'action.progress' as const),
    action: fc.constantFrom('a', 'b', 'c'),
  })
  const anyPoint = fc.integer({ min: 0, max: journal.length })

  /** How deltas are judged by who has read up to `until`, from `after` on, being told `tail` events of what was before. */
  const readerOf = (until: number, after: number, tail: number) => {
    const steps = until < 6 ? 0 : until < 12 ? 1 : 2
    const attempt = until < 4 ? 0 : until < 10 ? 1 : 2
    const position = { lastSeq: until, run: 'r1', attempt, steps }
    const gate = createDeltaGate(position, after, journal.slice(Math.max(0, after - tail), after))
    for (const one of journal.slice(after, until)) gate.shown(one)
    return gate
  }

  test('makes no difference to what it is shown', () => {
    fc.assert(
      fc.property(anyPoint, anyPoint, anyDelta, (one, other, fields) => {
        const [after, until] = one < other ? [one, other] : [other, one]
        if (until < 3) return
        const whole = readerOf(until, 0, 0)
        expect(readerOf(until, after, journal.length).judge(delta(fields))).toBe(whole.judge(delta(fields)))
      }),
    )
  })

  test('shows no delta too early, however little is known of what was before', () => {
    fc.assert(
      fc.property(anyPoint, anyPoint, fc.nat({ max: 4 }), anyDelta, (one, other, tail, fields) => {
        const [after, until] = one < other ? [one, other] : [other, one]
        if (until < 3 || readerOf(until, after, tail).judge(delta(fields)) !== 'show') return
        expect(readerOf(until, 0, 0).judge(delta(fields))).toBe('show')
      }),
    )
  })
})
