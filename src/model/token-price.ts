import type { Usage } from '../domain/usage.ts'

/** A configured price in whole micro-dollars for a million tokens. Zero, given explicitly, is free. */
export interface TokenPrice {
  readonly inputMicrosUsdPerMillionTokens: number
  readonly outputMicrosUsdPerMillionTokens: number
  /** The price of cached tokens, or undefined where they cost as much as others. */
  readonly cacheReadMicrosUsdPerMillionTokens?: number | undefined
  readonly cacheWriteMicrosUsdPerMillionTokens?: number | undefined
}

/**
 * A table of known prices by provider and model, undefined for an unknown one. `provider` is the table's own name; `at`
 * chooses between prices that changed with time. Prices are micro-dollars, rounded up once.
 */
export type PriceTable = (query: {
  readonly provider: string
  readonly model: string
  readonly usage: Usage
  readonly at: number
}) => number | undefined

/** The cost of the usage at a configured price in micro-dollars: exact, then rounded up once. */
export function costMicrosUsd(price: TokenPrice, usage: Usage): number {
  const uncachedTokens = Math.max(0, usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens)
  const input = price.inputMicrosUsdPerMillionTokens
  const product =
    times(uncachedTokens, input) +
    times(usage.cacheReadTokens, price.cacheReadMicrosUsdPerMillionTokens ?? input) +
    times(usage.cacheWriteTokens, price.cacheWriteMicrosUsdPerMillionTokens ?? input) +
    times(usage.outputTokens, price.outputMicrosUsdPerMillionTokens)
  return Number((product + 999_999n) / 1_000_000n)
}

function times(tokens: number, micros: number): bigint {
  return BigInt(tokens) * BigInt(micros)
}

/**
 * Converts US dollars as a float to whole micro-dollars, rounded up. The noise of the float (below a billionth of a
 * dollar) is removed first, so that 1.1400000000000001 is 1,140,000 and not one more.
 */
export function microsFromUsd(usd: number): number {
  return Math.ceil(Math.round(usd * 1e9) / 1e3)
}
