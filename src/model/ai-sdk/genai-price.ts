import { createRequire } from 'node:module'
import { microsFromUsd, type PriceTable } from '../token-price.ts'

type GenaiPrices = typeof import('@pydantic/genai-prices')

let loaded: GenaiPrices | undefined

/**
 * The prices of @pydantic/genai-prices, from the package's own data, which is never updated over the network. The table
 * is large and is loaded synchronously at the first price, so that a server that only runs the demo never loads it.
 */
export const genaiPriceMicrosUsd: PriceTable = ({ provider, model, usage, at }) => {
  loaded ??= createRequire(import.meta.url)('@pydantic/genai-prices') as GenaiPrices
  const cached = Math.min(usage.inputTokens, usage.cacheReadTokens + usage.cacheWriteTokens)
  const cacheReadTokens = Math.min(cached, usage.cacheReadTokens)
  const price = loaded.calcPrice(
    {
      input_tokens: usage.inputTokens,
      output_tokens: usage.outputTokens,
      cache_read_tokens: cacheReadTokens,
      cache_write_tokens: cached - cacheReadTokens,
    },
    model,
    { providerId: provider, timestamp: new Date(at) },
  )
  return price === null ? undefined : microsFromUsd(price.total_price)
}
