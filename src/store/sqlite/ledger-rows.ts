import type { Amounts, Ledger } from '../../domain/budget.ts'
import { integer, type Row } from './columns.ts'
import type { Parameter } from './encoded-commit.ts'

// A task's ledger between its columns and what the domain means.

export function ledgerParameters({ cap, spent, reserved, lent }: Ledger): Parameter[] {
  return [cap, spent, reserved, lent].flatMap(amountParameters)
}

export function amountParameters({ micros_usd, tokens, steps }: Amounts): Parameter[] {
  return [micros_usd, tokens, steps]
}

export function ledgerOf(row: Row): Ledger {
  return {
    cap: amountsOf(row, 'cap'),
    spent: amountsOf(row, 'spent'),
    reserved: amountsOf(row, 'reserved'),
    lent: amountsOf(row, 'lent'),
  }
}

function amountsOf(row: Row, part: keyof Ledger): Amounts {
  return {
    micros_usd: integer(row, `${part}_micros_usd`),
    tokens: integer(row, `${part}_tokens`),
    steps: integer(row, `${part}_steps`),
  }
}
