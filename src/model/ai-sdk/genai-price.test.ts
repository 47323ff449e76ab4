import { describe, expect, test } from 'vitest'
import { noUsage } from '../../domain/usage.ts'
import { builtInCatalogue } from '../catalogue.ts'
import { genaiPriceMicrosUsd } from './genai-price.ts'

const at = Date.UTC(2026, 10, 1)

describe('genaiPriceMicrosUsd', () => {
  const lines = builtInCatalogue.models.filter((line) => line.price === null && line.provider !== 'demo')

  test.each(lines.map((line) => [line.name, line] as const))('knows the price of %s', (_, line) => {
    const provider = builtInCatalogue.providers.find((candidate) => candidate.name === line.provider)?.pricedAs ?? ''
    const usage = { ...noUsage, inputTokens: 1_000_000, outputTokens: 1_000_000 }
    expect(genaiPriceMicrosUsd({ provider, model: line.model, usage, at })).toBeGreaterThan(100_000)
  })

  test('counts cached tokens at their own price', () => {
    const usage = { ...noUsage, inputTokens: 10, outputTokens: 1, cacheReadTokens: 4, cacheWriteTokens: 2 }
    // 4 uncached at 5, 4 read at 0.5, 2 written at 6.25, 1 out at 25 dollars a million: 59.5 millionths
    expect(genaiPriceMicrosUsd({ provider: 'anthropic', model: 'claude-opus-4-8', usage, at })).toBe(60)
  })

  test('does not guess the price of what it does not know', () => {
    expect(genaiPriceMicrosUsd({ provider: 'ollama', model: 'llama3', usage: noUsage, at })).toBeUndefined()
    expect(genaiPriceMicrosUsd({ provider: 'anthropic', model: 'claude-99', usage: noUsage, at })).toBeUndefined()
  })

  test('takes usage whose cached tokens are more than its input', () => {
    const usage = { ...noUsage, inputTokens: 2, cacheReadTokens: 9, cacheWriteTokens: 9 }
    expect(genaiPriceMicrosUsd({ provider: 'anthropic', model: 'claude-opus-4-8', usage, at })).toBe(1)
  })
})
