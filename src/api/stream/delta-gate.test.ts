import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
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

describe('a reader who has seen all there is', () => {
  const gate = () => createDeltaGate(start, 4)

  it('is shown the deltas of the next step only', () => {
    expect(gate().judge(delta())).toBe('show')
    expect(gate().judge(delta({ kind: 'reasoning.delta' }))).toBe('show')
    expect(gate().judge(delta({ step: 2 }))).toBe('hold')
  })

  it('is shown no delta of a step after its committed event', () => {
    const after = gate()
    after.shown(event(5, { kind: 'model.responded', facts: { step: 1 } }))
    expect(after.judge(delta())).toBe('drop')
  })

  it('is shown the deltas of the next step after its start, which stands behind what the step before left open', () => {
    const after = gate()
    after.shown(event(5, { kind: 'model.responded', facts: { step: 1 } }))
    after.shown(event(6, { kind: 'action.requested', facts: { action: 'a' } }))
    expect(after.judge(delta({ step: 2 }))).toBe('hold')
    after.shown(event(7, { kind: 'action.settled', facts: { action: 'a' } }))
    after.shown(event(8, { kind: 'step.started', facts: { step: 2 } }))
    expect(after.judge(delta({ step: 2 }))).toBe('show')
  })

  it('is shown nothing of an older attempt, and of a newer one only after its claim', () => {
    const after = gate()
    expect(after.judge(delta({ attempt: 2 }))).toBe('hold')
    after.shown(event(5, { kind: 'run.claimed', facts: { attempt: 2 } }))
    expect(after.judge(delta({ attempt: 2 }))).toBe('show')
    expect(after.judge(delta({ attempt: 1 }))).toBe('drop')
  })

  it('is shown the progress of an action between the response that asked for it and its settlement', () => {
    const after = gate()
    const progress = delta({ kind: 'action.progress', action: 'a' })
    expect(after.judge(progress)).toBe('hold')
    after.shown(event(5, { kind: 'model.responded', facts: { step: 1 } }))
    expect(after.judge(progress)).toBe('show')
    after.shown(event(6, { kind: 'action.settled', facts: { action: 'a' } }))
    expect(after.judge(progress)).toBe('drop')
    expect(after.judge({ ...progress, action: 'b' })).toBe('show')
  })

  it('is shown nothing of a run that has ended, and the next one from its claim on', () => {
    const after = gate()
    after.shown(event(5, { kind: 'run.succeeded' }))
    expect(after.judge(delta({ step: 9 }))).toBe('drop')
    const next = delta({ run: 'r2' })
    expect(after.judge(next)).toBe('hold')
    after.shown(event(6, { kind: 'run.queued', run: 'r2' }))
    expect(after.judge(next)).toBe('hold')
    after.shown(event(7, { kind: 'run.claimed', run: 'r2', facts: { attempt: 1 } }))
    expect(after.judge(next)).toBe('show')
    expect(after.judge(delta())).toBe('drop')
  })
})

it('a reader who comes late is shown deltas once it has caught up with where the journal stood', () => {
  const gate = createDeltaGate({ lastSeq: 9, run: 'r1', attempt: 2, steps: 3 }, 7)
  const now = delta({ attempt: 2, step: 4 })
  expect(gate.judge(now)).toBe('hold')
  gate.shown(event(8, { kind: 'action.decided' }))
  expect(gate.judge(now)).toBe('hold')
  gate.shown(event(9, { kind: 'action.settled', facts: { action: 'a' } }))
  expect(gate.judge(now)).toBe('show')
})

it('where a reader begins makes no difference to what it is shown at the end', () => {
  const journal = [
    event(1, { kind: 'task.submitted' }),
    event(2, { kind: 'message.added' }),
    event(3, { kind: 'run.queued' }),
    event(4, { kind: 'run.claimed', facts: { attempt: 1 } }),
    event(5, { kind: 'model.responded', facts: { step: 1 } }),
    event(6, { kind: 'action.settled', facts: { action: 'a' } }),
    event(7, { kind: 'attempt.lost' }),
    event(8, { kind: 'run.claimed', facts: { attempt: 2 } }),
    event(9, { kind: 'model.responded', facts: { step: 2 } }),
    event(10, { kind: 'step.started', facts: { step: 3 } }),
  ]
  const position = { lastSeq: 10, run: 'r1', attempt: 2, steps: 2 }
  const whole = createDeltaGate(position, 0)
  for (const one of journal) whole.shown(one)
  const anyDelta = fc.record({ step: fc.integer({ min: 1, max: 4 }), attempt: fc.integer({ min: 1, max: 3 }) })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 }), anyDelta, (after, { step, attempt }) => {
      const late = createDeltaGate(position, after)
      for (const one of journal.slice(after)) late.shown(one)
      expect(late.judge(delta({ step, attempt }))).toBe(whole.judge(delta({ step, attempt })))
    }),
  )
})
