import { test } from 'vitest'
import { eventOf, expectFound, type Lie } from '../../../test/support/audit/false-records.ts'

const lies: readonly Lie[] = [
  [
    'less let go than was reserved',
    (r) => {
      eventOf(r, 'model.responded', 2).facts.released.tokens -= 1
    },
    /what it lets go is/u,
  ],
  [
    'a call that costs more than there is',
    (r) => {
      eventOf(r, 'model.responded', 2).facts.cost_micros_usd = 2_000_000
    },
    /the budget is overdrawn, and nothing says so/u,
  ],
  [
    'a reservation beyond the cap',
    (r) => {
      eventOf(r, 'step.started', 2).facts.reserved.tokens = 2_000_000
      eventOf(r, 'model.responded', 2).facts.released.tokens = 2_000_000
    },
    /it reserves more than is left of the budget/u,
  ],
  [
    'more returned than was lent',
    (r) => {
      eventOf(r, 'budget.returned', 1).facts.amounts.micros_usd = 901
    },
    /lent of the budget falls below zero/u,
  ],
]

test.for(lies)('the record itself shows %s', expectFound)
