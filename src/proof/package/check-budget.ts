import { type Amounts, addAmounts, covers, type Ledger, takenBy } from '../../domain/budget.ts'
import { type CallAmounts, type EventOf, isAbout, type JournalEvent } from '../../domain/event.ts'
import { ledgerMoveOf, reserves } from '../../domain/ledger-moves.ts'
import { unreachable } from '../../domain/unreachable.ts'
import { demand, demandEqual, present } from './broken-link.ts'
import { placeOf, type TaskRecord } from './task-record.ts'

const amountNames = ['micros_usd', 'tokens', 'steps'] as const
const noCall: CallAmounts = { micros_usd: 0, tokens: 0 }

/** The reservations of the calls and actions of the latest run, and what each has used. */
interface Held {
  readonly calls: Map<number, CallAmounts>
  readonly actions: Map<string, number>
  /** Reserved and used amounts, by `step <number>` or the id of the action. */
  readonly used: Map<string, { readonly reserved: CallAmounts; readonly used: CallAmounts }>
}

/**
 * Checks the arithmetic of the budget: nothing was reserved that was not available, every release equals its
 * reservation, no amount is below zero, and the cap was exceeded only where `budget.overdrawn` says so.
 */
export function checkBudget({ events, ledgers }: TaskRecord): void {
  let held = nothingHeld()
  let overdrawn = false
  for (const [i, event] of events.entries()) {
    const where = placeOf(event)
    const before = ledgers[i - 1]
    const after = present(ledgers[i], where, 'it has no ledger')
    if (before !== undefined) checkReservation(where, event, before)
    if (event.kind === 'run.queued') held = nothingHeld()
    recordHeld(held, where, event)
    checkParts(where, after)
    overdrawn ||= event.kind === 'budget.overdrawn'
    // The use of a call is recorded before its overdraft, which is the next event.
    const soon = events[i + 1]?.kind === 'budget.overdrawn'
    if (before !== after)
      demand(overdrawn || soon || isWithin(after), where, `the budget is overdrawn, and nothing says so`)
  }
}

function nothingHeld(): Held {
  return { calls: new Map(), actions: new Map(), used: new Map() }
}

function checkReservation(where: string, event: JournalEvent, before: Ledger): void {
  const move = ledgerMoveOf(event)
  if (move === undefined || !reserves([event])) return
  demand(covers(before, takenBy(move)), where, 'it reserves more than is left of the budget')
}

function checkParts(where: string, { spent, reserved, lent, cap }: Ledger): void {
  for (const [name, part] of Object.entries({ spent, reserved, lent, cap })) {
    for (const key of amountNames) demand(part[key] >= 0, where, `${name} of the budget falls below zero (${key})`)
  }
}

function isWithin({ cap, spent, reserved, lent }: Ledger): boolean {
  const used: Amounts = [spent, reserved, lent].reduce(addAmounts)
  return amountNames.every((key) => used[key] <= cap[key])
}

function recordHeld(held: Held, where: string, event: JournalEvent): void {
  if (isAbout(event, 'task', 'message', 'run', 'attempt', 'prompt')) return
  switch (event.kind) {
    case 'step.started':
      held.calls.set(event.facts.step, event.facts.reserved)
      return
    case 'model.responded':
    case 'model.failed':
    case 'model.interrupted':
      recordCall(held, where, event)
      return
    case 'action.decided':
      held.actions.set(event.facts.action, event.facts.reserved_micros_usd)
      return
    case 'action.settled': {
      const { action, released_micros_usd, cost_micros_usd } = event.facts
      const reserved = held.actions.get(action) ?? 0
      demandEqual(where, 'what it lets go', released_micros_usd, reserved, 'the decision')
      held.used.set(action, { reserved: money(reserved), used: money(cost_micros_usd) })
      return
    }
    case 'budget.overdrawn':
      checkOverdraft(held, where, event)
      return
    case 'action.requested':
    case 'action.revoked':
    case 'budget.transferred':
    case 'budget.returned':
    case 'budget.granted':
    case 'budget.released':
      return
    default:
      unreachable(event)
  }
}

function recordCall(
  { calls, used }: Held,
  where: string,
  event: EventOf<'model.responded'> | EventOf<'model.failed'> | EventOf<'model.interrupted'>,
): void {
  const { step, released, usage, cost_micros_usd = 0 } = event.facts
  const reserved = calls.get(step) ?? noCall
  demandEqual(where, 'what it lets go', released, reserved, `the reservation for step ${step}`)
  const again = event.kind === 'model.failed' ? event.facts.reserved : undefined
  if (again === undefined) calls.delete(step)
  else calls.set(step, again)
  const tokens = (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0)
  used.set(`step ${step}`, { reserved, used: { micros_usd: cost_micros_usd, tokens } })
}

function checkOverdraft({ used }: Held, where: string, { facts }: EventOf<'budget.overdrawn'>): void {
  const what = present(used.get(facts.of), where, `there is no ${facts.of} that used anything`)
  const said = { reserved: facts.reserved, used: facts.used }
  demandEqual(where, 'what was reserved and used', said, what, facts.of)
  const more = facts.used.micros_usd > facts.reserved.micros_usd || facts.used.tokens > facts.reserved.tokens
  demand(more, where, 'not more was used than reserved')
}

function money(microsUsd: number): CallAmounts {
  return { micros_usd: microsUsd, tokens: 0 }
}
