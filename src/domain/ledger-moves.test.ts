import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleEvent, sampleFacts } from '../../test/support/sample-facts.ts'
import {
  addAmounts,
  availableOf,
  covers,
  type Ledger,
  type LedgerMove,
  moveLedger,
  noAmounts,
  openLedger,
  takenBy,
} from './budget.ts'
import {
  type AnyEvent,
  type EventFacts,
  type EventKind,
  eventKinds,
  type JournalEvent,
  type NewEvent,
} from './event.ts'
import { ledgerMoveOf, ledgerMoveOfAll, noMove, reserves } from './ledger-moves.ts'
import { noUsage } from './usage.ts'

const event = <K extends EventKind>(kind: K, facts: EventFacts[K]): NewEvent =>
  ({ kind, run: 'run', attempt: 1, at: 0, facts, contents: {} }) as NewEvent

const after = (ledger: Ledger, ...events: NewEvent[]) =>
  events.reduce((now, one) => moveLedger(now, ledgerMoveOf(one) ?? expect.fail(one.kind)), ledger)

const cap = { micros_usd: 1_000, tokens: 500, steps: 5 }
const reserved = { micros_usd: 100, tokens: 50 }
const usage = { ...noUsage, inputTokens: 30, outputTokens: 10 }
const started = event('step.started', { step: 1, model: 'm', provider: 'p', reserved })
const responded = event('model.responded', {
  step: 1,
  finish: 'stop',
  usage,
  cost_micros_usd: 60,
  released: reserved,
  calls: 0,
})

test('a step is spent when it starts, its call is reserved, and settled at what it cost', () => {
  const held = after(openLedger(cap), started)
  expect(held).toMatchObject({ spent: { steps: 1, micros_usd: 0 }, reserved: { ...reserved, steps: 0 } })
  const settled = after(held, responded)
  expect(settled).toEqual({ ...openLedger(cap), spent: { micros_usd: 60, tokens: 40, steps: 1 } })
  expect(availableOf(settled)).toEqual({ micros_usd: 940, tokens: 460, steps: 4 })
})

test('a call that failed gives back what it did not use, and holds what its next try may use', () => {
  const held = after(openLedger(cap), started)
  const failed = { step: 1, try: 1, code: 'x', message: 'y', released: reserved }
  const again = after(
    held,
    event('model.failed', { ...failed, will_retry: true, reserved: { micros_usd: 80, tokens: 40 } }),
  )
  expect(again.reserved).toEqual({ micros_usd: 80, tokens: 40, steps: 0 })
  const charged = event('model.failed', { ...failed, will_retry: false, usage, cost_micros_usd: 9 })
  expect(after(held, charged)).toMatchObject({ reserved: noAmounts, spent: { micros_usd: 9, tokens: 40, steps: 1 } })
})

test('an action holds its price from the decision to the settlement', () => {
  const decided = { step: 1, action: 'a', answer: 'allow' as const, rules: [], reason: '', statement: 'sha256:00' }
  const held = after(openLedger(cap), event('action.decided', { ...decided, reserved_micros_usd: 20 }))
  expect(held.reserved.micros_usd).toBe(20)
  const settled = { step: 1, action: 'a', outcome: 'settled' as const, duration_ms: 1 }
  const done = after(held, event('action.settled', { ...settled, cost_micros_usd: 20, released_micros_usd: 20 }))
  expect(done).toMatchObject({ reserved: noAmounts, spent: { micros_usd: 20 } })
})

test('what goes to a sub-task is no longer there, and what comes back is', () => {
  const amounts = { micros_usd: 300, tokens: 100, steps: 2 }
  const lent = after(openLedger(cap), event('budget.transferred', { to: 'child', amounts }))
  expect(availableOf(lent)).toEqual({ micros_usd: 700, tokens: 400, steps: 3 })
  const back = { micros_usd: 250, tokens: 60, steps: 1 }
  const returned = after(lent, event('budget.returned', { from: 'child', amounts: back, labels: [] }))
  expect(returned.lent).toEqual({ micros_usd: 50, tokens: 40, steps: 1 })
  const child = after(openLedger(amounts), event('budget.released', { to: 'task', amounts: back }))
  expect(child.cap).toEqual(returned.lent)
  expect(after(child, event('budget.granted', { from: 'task', amounts: back, labels: [] })).cap).toEqual(amounts)
})

test('a run that has ended holds nothing', () => {
  const ended = event('run.cancelled', { by: 'user' })
  expect(after(openLedger(cap), started, ended)).toMatchObject({ reserved: noAmounts, spent: { steps: 1 } })
})

test('what is wanted is covered only where all of it is left; what is not wanted is not looked at', () => {
  const ledger = after(openLedger(cap), started)
  expect(covers(ledger, { micros_usd: 900, tokens: 450, steps: 4 })).toBe(true)
  for (const over of [{ micros_usd: 901 }, { tokens: 451 }, { steps: 5 }]) {
    expect(covers(ledger, { ...noAmounts, ...over })).toBe(false)
  }
  const overdrawn = { ...ledger, spent: { ...ledger.spent, tokens: 9_999 } }
  expect(covers(overdrawn, { ...noAmounts, micros_usd: 1 })).toBe(true)
})

test('the moves of a batch come to what they do one after another', () => {
  const amounts = fc.record({ micros_usd: fc.nat(100), tokens: fc.nat(100), steps: fc.nat(3) })
  const any = fc.oneof(
    fc.constant(started),
    fc.constant(responded),
    amounts.map((a) => event('budget.transferred', { to: 'c', amounts: a })),
    amounts.map((a) => event('budget.returned', { from: 'c', amounts: a, labels: [] })),
    fc.constant(event('message.added', { role: 'user' })),
  )
  fc.assert(
    fc.property(fc.array(any, { maxLength: 12 }), fc.boolean(), (some, ends) => {
      const last = [event('run.cancelled', { by: 'u' }), event('budget.released', { to: 't', amounts: noAmounts })]
      const events = ends ? [...some, ...last] : some
      const before = after(openLedger(cap), started)
      const moves = events.map(ledgerMoveOf).filter((move) => move !== undefined)
      const oneByOne = moves.reduce(moveLedger, before)
      const together = ledgerMoveOfAll(events)
      expect(together === undefined ? before : moveLedger(before, together)).toEqual(oneByOne)
    }),
  )
})

test('what a batch takes is what is missing after it', () => {
  const move = ledgerMoveOfAll([responded, started]) ?? expect.fail()
  const held = after(openLedger(cap), started)
  const next = moveLedger(held, move)
  expect(addAmounts(availableOf(next), takenBy(move))).toEqual(availableOf(held))
  expect([reserves([responded]), reserves([responded, started])]).toEqual([false, true])
})

const amountsOf = (micros_usd: number, tokens = 0, steps = 0) => ({ micros_usd, tokens, steps })

/** The part of its ledger that each kind moves, with the sample facts. A kind that is not here moves nothing. */
const moves: Partial<Record<EventKind, Partial<LedgerMove>>> = {
  'step.started': { spent: amountsOf(0, 0, 1), reserved: amountsOf(900, 400) },
  'model.responded': { spent: amountsOf(70, 5), reserved: amountsOf(-900, -400) },
  'model.failed': { spent: amountsOf(60, 5), reserved: amountsOf(800 - 900, 300 - 400) },
  'model.interrupted': { spent: amountsOf(50, 5), reserved: amountsOf(-900, -400) },
  'action.decided': { reserved: amountsOf(25) },
  'action.settled': { spent: amountsOf(20), reserved: amountsOf(-25) },
  'budget.transferred': { lent: amountsOf(30, 20, 10) },
  'budget.returned': { lent: amountsOf(-30, -20, -10) },
  'budget.granted': { cap: amountsOf(30, 20, 10) },
  'budget.released': { cap: amountsOf(-30, -20, -10) },
  'run.succeeded': { releasesAll: true },
  'run.failed': { releasesAll: true },
  'run.blocked': { releasesAll: true },
  'run.cancelled': { releasesAll: true },
}

test.each(eventKinds)('%s moves its own part of the ledger or nothing', (kind) => {
  const move = moves[kind]
  expect(ledgerMoveOf(sampleEvent(kind))).toStrictEqual(move && { ...noMove, ...move })
})

/** The event of this kind with these facts besides the sample facts. */
const varied = (kind: EventKind, facts: object) =>
  sampleEvent(kind, { facts: { ...sampleFacts[kind], ...facts } } as Partial<JournalEvent>)

test('a call that was not sent costs nothing, and one that is not tried again holds nothing', () => {
  const released = { ...noMove, reserved: amountsOf(-900, -400) }
  expect(ledgerMoveOf(varied('model.interrupted', { usage: undefined, cost_micros_usd: undefined }))).toEqual(released)
  expect(
    ledgerMoveOf(varied('model.failed', { usage: undefined, cost_micros_usd: undefined, reserved: undefined })),
  ).toEqual(released)
})

test('an event of a kind that nobody knows moves no ledger unnoticed', () => {
  const unknown = { ...sampleEvent('run.paused'), kind: 'run.sung' } as unknown as AnyEvent
  expect(() => ledgerMoveOf(unknown)).toThrow('Nothing is known of')
})

test('only a step, a slice for a sub-task, an action with a price and a next try take what must be there', () => {
  expect(eventKinds.filter((kind) => reserves([sampleEvent(kind)]))).toEqual([
    'step.started',
    'model.failed',
    'action.decided',
    'budget.transferred',
  ])
  expect(reserves([varied('action.decided', { reserved_micros_usd: 1 })])).toBe(true)
  expect(reserves([varied('action.decided', { reserved_micros_usd: 0 })])).toBe(false)
  expect(reserves([varied('model.failed', { reserved: undefined })])).toBe(false)
})
