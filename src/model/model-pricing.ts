import type { ModelChoice } from '../domain/task.ts'
import { noUsage, type Usage } from '../domain/usage.ts'
import type { Catalogue } from './catalogue.ts'
import { costMicrosUsd, type PriceTable, type TokenPrice } from './token-price.ts'

/** The prices of models. */
export interface ModelPricing {
  priced(choice: ModelChoice): boolean
  /** The price in micro-dollars, rounded up once. Throws for a choice that is not `priced`. */
  priceMicrosUsd(choice: ModelChoice, usage: Usage): number
}

/**
 * Creates the pricing. A configured price takes precedence over the table's: first the model's own line, then its
 * provider's.
 */
export function createModelPricing(catalogue: Catalogue, table: PriceTable, now: () => number): ModelPricing {
  function configured(choice: ModelChoice): TokenPrice | null {
    const lines = catalogue.models.filter((line) => line.provider === choice.provider && line.price !== null)
    const line =
      lines.find((candidate) => candidate.name === choice.name) ??
      lines.find((candidate) => candidate.model === choice.model)
    return line?.price ?? catalogue.providers.find((candidate) => candidate.name === choice.provider)?.price ?? null
  }

  function listed(choice: ModelChoice, usage: Usage): number | undefined {
    const provider = catalogue.providers.find((candidate) => candidate.name === choice.provider)?.pricedAs ?? null
    return provider === null ? undefined : table({ provider, model: choice.model, usage, at: now() })
  }

  return {
    priced: (choice) => configured(choice) !== null || listed(choice, noUsage) !== undefined,
    priceMicrosUsd(choice, usage) {
      const price = configured(choice)
      const cost = price === null ? listed(choice, usage) : costMicrosUsd(price, usage)
      if (cost === undefined) throw new Error(`no price for ${choice.provider}/${choice.model}, accepted at submit`)
      return cost
    },
  }
}
