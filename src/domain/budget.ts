/** What a task may use up: whole micro-dollars, tokens (input and output together) and steps. */
export interface Amounts {
  readonly micros_usd: number
  readonly tokens: number
  readonly steps: number
}

export const microsPerCent = 10_000

export const noAmounts: Amounts = { micros_usd: 0, tokens: 0, steps: 0 }

/**
 * A task's budget. `spent` is settled, `reserved` is held by what is under way, `lent` was handed on to sub-tasks and has not
 * come back. Invariant: spent + reserved + lent <= cap in each amount, but where `budget.overdrawn` says so (budget.test.ts).
 */
export interface Ledger {
  readonly cap: Amounts
  readonly spent: Amounts
  readonly reserved: Amounts
  readonly lent: Amounts
}

/** A change of a ledger; each part may be negative. */
export interface LedgerMove {
  readonly cap: Amounts
  readonly spent: Amounts
  readonly reserved: Amounts
  readonly lent: Amounts
  /** The run has ended: whatever is still reserved is let go. */
  readonly releasesAll: boolean
}

export function addAmounts(a: Amounts, b: Amounts): Amounts {
  return { micros_usd: a.micros_usd + b.micros_usd, tokens: a.tokens + b.tokens, steps: a.steps + b.steps }
}

export function minusAmounts(a: Amounts): Amounts {
  return { micros_usd: 0 - a.micros_usd, tokens: 0 - a.tokens, steps: 0 - a.steps }
}

export function openLedger(cap: Amounts): Ledger {
  return { cap, spent: noAmounts, reserved: noAmounts, lent: noAmounts }
}

/** What may still be reserved. Negative where the budget was overdrawn. */
export function availableOf({ cap, spent, reserved, lent }: Ledger): Amounts {
  return [spent, reserved, lent].reduce((left, used) => addAmounts(left, minusAmounts(used)), cap)
}

/** Whether everything that is asked for is there. What is not asked for (zero, or given back) is not looked at. */
export function covers(ledger: Ledger, wanted: Amounts): boolean {
  const left = availableOf(ledger)
  const keys = ['micros_usd', 'tokens', 'steps'] as const
  return keys.every((key) => wanted[key] <= 0 || wanted[key] <= left[key])
}

export function moveLedger(ledger: Ledger, move: LedgerMove): Ledger {
  return {
    cap: addAmounts(ledger.cap, move.cap),
    spent: addAmounts(ledger.spent, move.spent),
    reserved: move.releasesAll ? noAmounts : addAmounts(ledger.reserved, move.reserved),
    lent: addAmounts(ledger.lent, move.lent),
  }
}

/** What a move takes from that which is available. */
export function takenBy(move: LedgerMove): Amounts {
  const used = [move.spent, move.reserved, move.lent].reduce(addAmounts, noAmounts)
  return addAmounts(used, minusAmounts(move.cap))
}
