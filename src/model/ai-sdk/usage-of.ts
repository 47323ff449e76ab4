import type { LanguageModelUsage } from 'ai'
import { noUsage, type Usage } from '../../domain/usage.ts'

/** Characters per token in estimates. The number is low, so that estimates are rather too high. */
const charsPerToken = 3

/** The usage that the provider reported through the SDK, or undefined. */
export function usageOf(reported: LanguageModelUsage): Usage | undefined {
  if (reported.inputTokens === undefined && reported.outputTokens === undefined) return undefined
  return {
    inputTokens: count(reported.inputTokens),
    outputTokens: count(reported.outputTokens),
    cacheReadTokens: count(reported.inputTokenDetails.cacheReadTokens),
    cacheWriteTokens: count(reported.inputTokenDetails.cacheWriteTokens),
    reasoningTokens: count(reported.outputTokenDetails.reasoningTokens),
  }
}

/** The input usage that Anthropic reports at the start. Its cached tokens are not part of `input_tokens`. */
export function anthropicInputUsage(raw: unknown): Usage | undefined {
  if (typeof raw !== 'object' || raw === null || !('input_tokens' in raw)) return undefined
  const field = (name: string) => count((raw as Record<string, unknown>)[name])
  const cacheReadTokens = field('cache_read_input_tokens')
  const cacheWriteTokens = field('cache_creation_input_tokens')
  const inputTokens = field('input_tokens') + cacheReadTokens + cacheWriteTokens
  return { ...noUsage, inputTokens, cacheReadTokens, cacheWriteTokens }
}

/** An upper estimate of the usage from the characters that were sent and received. */
export function estimatedUsage(sentChars: number, streamedChars: number): Usage {
  return { ...noUsage, inputTokens: tokensIn(sentChars), outputTokens: tokensIn(streamedChars) }
}

/** The estimated tokens of this many characters. */
export function tokensIn(chars: number): number {
  return Math.ceil(chars / charsPerToken)
}

/** The characters that are estimated to be this many tokens. */
export function charsIn(tokens: number): number {
  return tokens * charsPerToken
}

/** The upper bound of a reported count. A higher number is no count and must not exceed what a ledger can hold. */
const tokensMax = 1_000_000_000

function count(tokens: unknown): number {
  if (typeof tokens !== 'number' || Number.isNaN(tokens) || tokens <= 0) return 0
  return Math.min(tokensMax, Math.round(tokens))
}
