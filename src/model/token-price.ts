import type { Usage } from '../domain/usage.ts'

/** A configured price: whole millionths of a US dollar for a million tokens. Free is zero, said explicitly. */
export interface TokenPrice {
  readonly inputMicrosUsdPerMillionTokens: number
  readonly outputMicrosUsdPerMillionTokens: number
  /** Undefined: a cached token costs what an uncached one does. */
  readonly cacheReadMicrosUsdPerMillionTokens?: number | undefined
  readonly cacheWriteMicrosUsdPerMillionTokens?: number | undefined
}

/**
 * Known prices by provider and model; undefined where it has none. `provider` is the table's own name of the provider,
 * `at` decides between prices that changed with time. In millionths of a US dollar, rounded up once.
 */
export type PriceTable = (query: {
  readonly provider: string
  readonly model: string
  readonly usage: Usage
  readonly at: number
}) => number | undefined

/** What the usage costs at a configured price, in millionths of a US dollar; exact, then rounded up once. */
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
 * US dollars as a float, in whole millionths, rounded up. The noise of the float is taken off first (at a billionth of a
 * dollar), so that 1.1400000000000001 is 1,140,000 and not one more.
 */
export function microsFromUsd(usd: number): number {
  return Math.ceil(Math.round(usd * 1e9) / 1e3)
}
