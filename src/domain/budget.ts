/** What a task may use up: whole micro-dollars, tokens (input and output together) and steps. */
export interface Amounts {
  readonly micros_usd: number
  readonly tokens: number
  readonly steps: number
}

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
