import type { Ledger } from '../../domain/budget.ts'
import type { Usage } from '../../domain/usage.ts'
import type { LedgerView } from './contract/budget.ts'
import type { UsageView } from './contract/usage.ts'

/** Shows the tokens of one or several calls. */
export function usageView(usage: Usage): UsageView {
  return {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cache_read_tokens: usage.cacheReadTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    reasoning_tokens: usage.reasoningTokens,
  }
}

/** Shows the ledger of a task: its cap, and the amounts that are spent, reserved and lent. */
export function ledgerView({ cap, spent, reserved, lent }: Ledger): LedgerView {
  return { cap: { ...cap }, spent: { ...spent }, reserved: { ...reserved }, lent: { ...lent } }
}
