import { type Amounts, addAmounts, type LedgerMove, minusAmounts, noAmounts } from './budget.ts'
import { type AnyEvent, type CallAmounts, isAbout } from './event.ts'
import { unreachable } from './unreachable.ts'

/** A move that changes nothing. */
export const noMove: LedgerMove = {
  cap: noAmounts,
  spent: noAmounts,
  reserved: noAmounts,
  lent: noAmounts,
  releasesAll: false,
}

const inCall = ({ micros_usd, tokens }: CallAmounts): Amounts => ({ micros_usd, tokens, steps: 0 })
const money = (microsUsd: number): Amounts => ({ micros_usd: microsUsd, tokens: 0, steps: 0 })
const oneStep: Amounts = { micros_usd: 0, tokens: 0, steps: 1 }

/** The move of one event in the ledger of its task, or undefined where it moves nothing. */
export function ledgerMoveOf(event: AnyEvent): LedgerMove | undefined {
  if (isAbout(event, 'task', 'message', 'attempt')) return undefined
  switch (event.kind) {
    case 'step.started':
      return { ...noMove, spent: oneStep, reserved: inCall(event.facts.reserved) }
    case 'model.responded':
    case 'model.failed':
    case 'model.interrupted':
      return callMove(event)
    case 'action.decided':
      return { ...noMove, reserved: money(event.facts.reserved_micros_usd) }
    case 'action.settled': {
      const { cost_micros_usd, released_micros_usd } = event.facts
      return { ...noMove, spent: money(cost_micros_usd), reserved: minusAmounts(money(released_micros_usd)) }
    }
    case 'budget.transferred':
      return { ...noMove, lent: event.facts.amounts }
    case 'budget.returned':
      return { ...noMove, lent: minusAmounts(event.facts.amounts) }
    case 'budget.granted':
      return { ...noMove, cap: event.facts.amounts }
    case 'budget.released':
      return { ...noMove, cap: minusAmounts(event.facts.amounts) }
    case 'run.succeeded':
    case 'run.failed':
    case 'run.blocked':
    case 'run.cancelled':
      return { ...noMove, releasesAll: true }
    case 'budget.overdrawn':
    case 'action.requested':
    case 'action.revoked':
    case 'run.queued':
    case 'run.claimed':
    case 'run.stop_requested':
    case 'run.stop_withdrawn':
    case 'prompt.opened':
    case 'prompt.answered':
    case 'prompt.rejected':
    case 'prompt.expired':
    case 'prompt.withdrawn':
    case 'run.waiting':
    case 'run.paused':
    case 'run.resumed':
      return undefined
    default:
      return unreachable(event)
  }
}

function callMove({
  facts,
}: Extract<AnyEvent, { kind: 'model.responded' | 'model.failed' | 'model.interrupted' }>): LedgerMove {
  const tokens = (facts.usage?.inputTokens ?? 0) + (facts.usage?.outputTokens ?? 0)
  const again = 'reserved' in facts && facts.reserved !== undefined ? inCall(facts.reserved) : noAmounts
  return {
    ...noMove,
    spent: { micros_usd: facts.cost_micros_usd ?? 0, tokens, steps: 0 },
    reserved: addAmounts(again, minusAmounts(inCall(facts.released))),
  }
}

/** The sum of the moves of several events of one journal, or undefined where they move nothing. */
export function ledgerMoveOfAll(events: readonly AnyEvent[]): LedgerMove | undefined {
  let sum: LedgerMove | undefined
  for (const event of events) {
    const move = ledgerMoveOf(event)
    if (move === undefined) continue
    sum = sum === undefined ? move : addMoves(sum, move)
  }
  return sum
}

function addMoves(a: LedgerMove, b: LedgerMove): LedgerMove {
  return {
    cap: addAmounts(a.cap, b.cap),
    spent: addAmounts(a.spent, b.spent),
    reserved: b.releasesAll ? noAmounts : addAmounts(a.reserved, b.reserved),
    lent: addAmounts(a.lent, b.lent),
    releasesAll: a.releasesAll || b.releasesAll,
  }
}

/** Whether one of the events takes amounts that must be available. A settlement is written in any case. */
export function reserves(events: readonly AnyEvent[]): boolean {
  return events.some((event) => {
    if (event.kind === 'step.started' || event.kind === 'budget.transferred') return true
    if (event.kind === 'action.decided') return event.facts.reserved_micros_usd > 0
    return event.kind === 'model.failed' && event.facts.reserved !== undefined
  })
}
