import type { Ledger } from '../../domain/budget.ts'
import type { Usage } from '../../domain/usage.ts'
import type { LedgerView } from './contract/budget.ts'
import type { UsageView } from './contract/usage.ts'

export function usageView(usage: Usage): UsageView {
  return {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cache_read_tokens: usage.cacheReadTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    reasoning_tokens: usage.reasoningTokens,
  }
}

export function ledgerView({ cap, spent, reserved, lent }: Ledger): LedgerView {
  return { cap: { ...cap }, spent: { ...spent }, reserved: { ...reserved }, lent: { ...lent } }
}

/** The last second that was asked for, up to its point: instants come in bunches, and formatting one is slow. */
let second = Number.NaN
let secondText = ''

export function instantOf(ms: number): string {
  const start = Math.floor(ms / 1_000)
  if (start !== second) {
    secondText = new Date(start * 1_000).toISOString().slice(0, -4)
    second = start
  }
  return `${secondText}${String(ms - start * 1_000).padStart(3, '0')}Z`
}

export function instantOrNull(ms: number | null): string | null {
  return ms === null ? null : instantOf(ms)
}
