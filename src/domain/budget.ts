/** Amounts of a budget: whole micro-dollars, tokens (input and output together) and steps. */
export interface Amounts {
  readonly micros_usd: number
  readonly tokens: number
  readonly steps: number
}

/** The micro-dollars in a US cent. */
export const microsPerCent = 10_000

/** Zero of every amount. */
export const noAmounts: Amounts = { micros_usd: 0, tokens: 0, steps: 0 }

/**
 * The budget of a task. `spent` is settled, `reserved` is held for calls in progress, `lent` was handed to sub-tasks
 * and has not come back. Invariant: spent + reserved + lent <= cap in each amount, except where a `budget.overdrawn`
 * event says so (budget.test.ts).
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
  /** Whether every reservation is released, since the run has ended. */
  readonly releasesAll: boolean
}

/** The sum of two amounts. */
export function addAmounts(a: Amounts, b: Amounts): Amounts {
  return { micros_usd: a.micros_usd + b.micros_usd, tokens: a.tokens + b.tokens, steps: a.steps + b.steps }
}

/** The negative of an amount. It never holds -0. */
export function minusAmounts(a: Amounts): Amounts {
  return { micros_usd: 0 - a.micros_usd, tokens: 0 - a.tokens, steps: 0 - a.steps }
}

/** The ledger of a new task, of which nothing is used. */
export function openLedger(cap: Amounts): Ledger {
  return { cap, spent: noAmounts, reserved: noAmounts, lent: noAmounts }
}

/** The amounts that may still be reserved. They are negative where the budget was overdrawn. */
export function availableOf({ cap, spent, reserved, lent }: Ledger): Amounts {
  return [spent, reserved, lent].reduce((left, used) => addAmounts(left, minusAmounts(used)), cap)
}

/** Whether the ledger has these amounts left. Amounts of zero and below are ignored. */
export function covers(ledger: Ledger, wanted: Amounts): boolean {
  const left = availableOf(ledger)
  const keys = ['micros_usd', 'tokens', 'steps'] as const
  return keys.every((key) => wanted[key] <= 0 || wanted[key] <= left[key])
}

/** The ledger after a move. */
export function moveLedger(ledger: Ledger, move: LedgerMove): Ledger {
  return {
    cap: addAmounts(ledger.cap, move.cap),
    spent: addAmounts(ledger.spent, move.spent),
    reserved: move.releasesAll ? noAmounts : addAmounts(ledger.reserved, move.reserved),
    lent: addAmounts(ledger.lent, move.lent),
  }
}

/** The amounts by which a move reduces what is available. */
export function takenBy(move: LedgerMove): Amounts {
  const used = [move.spent, move.reserved, move.lent].reduce(addAmounts, noAmounts)
  return addAmounts(used, minusAmounts(move.cap))
}
