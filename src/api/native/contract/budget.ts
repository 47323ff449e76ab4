import { type Static, Type } from 'typebox'
import { count, microsUsd, nullable, strict } from './fields.ts'

/** Amounts of a budget: whole micro-dollars, tokens (input and output together) and steps. */
export const AmountsSchema = Type.Object({ micros_usd: microsUsd(), tokens: count(), steps: count() })

/** The amounts that bound a model call. It has no steps, because a step is spent when it starts. */
export const CallAmountsSchema = Type.Object({ micros_usd: microsUsd(), tokens: count() })

const ledger = {
  cap: AmountsSchema,
  spent: AmountsSchema,
  reserved: AmountsSchema,
  lent: AmountsSchema,
}

/**
 * A ledger of one amount. `reserved` is held by calls in progress; `lent` was transferred to sub-tasks and has not
 * come back.
 */
export const LedgerSchema = Type.Object(ledger)
/** The ledger that every task shows. */
export type LedgerView = Static<typeof LedgerSchema>

/** The budget of a task. `available` may still be reserved, and is below zero where the budget was overdrawn. */
export const BudgetSchema = Type.Object({
  ...ledger,
  available: Type.Object({ micros_usd: Type.Integer(), tokens: Type.Integer(), steps: Type.Integer() }),
})
/** The response of `GET /v1/tasks/{id}/budget`. */
export type BudgetView = Static<typeof BudgetSchema>

const cap = (description: string) => Type.Optional(nullable(Type.Integer({ minimum: 0, description })))

/**
 * The requested budget of a task. An amount that is left out is the default of the server, and for a sub-task half of
 * what its parent has left.
 */
export const BudgetRequestSchema = Type.Object(
  {
    micros_usd: cap('Millionths of a US dollar.'),
    tokens: cap('Input and output together.'),
    steps: cap('Model calls.'),
  },
  strict,
)
/** The `budget` of a request that creates a task. Null asks for the default, like a property that is left out. */
export type BudgetRequest = Static<typeof BudgetRequestSchema>
