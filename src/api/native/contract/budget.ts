import { type Static, Type } from 'typebox'
import { count, microsUsd, nullable, strict } from './fields.ts'

/** What may be used up: whole micro-dollars, tokens (input and output together) and steps. */
export const AmountsSchema = Type.Object({ micros_usd: microsUsd(), tokens: count(), steps: count() })

/** What a call of a model is held to: a step is spent when it starts. */
export const CallAmountsSchema = Type.Object({ micros_usd: microsUsd(), tokens: count() })

const ledger = {
  cap: AmountsSchema,
  spent: AmountsSchema,
  reserved: AmountsSchema,
  lent: AmountsSchema,
}

/** `reserved` is held by what is under way, `lent` was handed on to sub-tasks and has not come back. */
export const LedgerSchema = Type.Object(ledger)
export type LedgerView = Static<typeof LedgerSchema>

/** `available` may still be reserved: below zero where the budget was overdrawn. */
export const BudgetSchema = Type.Object({
  ...ledger,
  available: Type.Object({ micros_usd: Type.Integer(), tokens: Type.Integer(), steps: Type.Integer() }),
})
export type BudgetView = Static<typeof BudgetSchema>

const cap = (description: string) => Type.Optional(nullable(Type.Integer({ minimum: 0, description })))

/** What is left out is the server's default, and of a sub-task half of what its parent has left. */
export const BudgetWishSchema = Type.Object(
  {
    micros_usd: cap('Millionths of a US dollar.'),
    tokens: cap('Input and output together.'),
    steps: cap('Model calls.'),
  },
  strict,
)
export type BudgetWish = Static<typeof BudgetWishSchema>
