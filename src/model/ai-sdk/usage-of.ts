import type { LanguageModelUsage } from 'ai'
import { noUsage, type Usage } from '../../domain/usage.ts'

/** Few characters a token, so rather too much. */
const charsPerToken = 3

/** The SDK's counts; undefined where the provider told none. */
export function usageOf(told: LanguageModelUsage): Usage | undefined {
  if (told.inputTokens === undefined && told.outputTokens === undefined) return undefined
  return {
    inputTokens: count(told.inputTokens),
    outputTokens: count(told.outputTokens),
    cacheReadTokens: count(told.inputTokenDetails.cacheReadTokens),
    cacheWriteTokens: count(told.inputTokenDetails.cacheWriteTokens),
    reasoningTokens: count(told.outputTokenDetails.reasoningTokens),
  }
}

/** Anthropic counts the input when it begins; its cached tokens are apart from `input_tokens`. */
export function anthropicInputUsage(raw: unknown): Usage | undefined {
  if (typeof raw !== 'object' || raw === null || !('input_tokens' in raw)) return undefined
  const field = (name: string) => count((raw as Record<string, unknown>)[name])
  const cacheReadTokens = field('cache_read_input_tokens')
  const cacheWriteTokens = field('cache_creation_input_tokens')
  const inputTokens = field('input_tokens') + cacheReadTokens + cacheWriteTokens
  return { ...noUsage, inputTokens, cacheReadTokens, cacheWriteTokens }
}

/** An upper estimate from what was sent and what came. */
export function estimatedUsage(sentChars: number, streamedChars: number): Usage {
  return { ...noUsage, inputTokens: tokensIn(sentChars), outputTokens: tokensIn(streamedChars) }
}

export function tokensIn(chars: number): number {
  return Math.ceil(chars / charsPerToken)
}

/** So many characters are estimated to be so many tokens. */
export function charsIn(tokens: number): number {
  return tokens * charsPerToken
}

/** No model takes or gives as much: what is told beyond it is no count, and must not run over what a ledger can hold. */
const tokensMax = 1_000_000_000

function count(tokens: unknown): number {
  if (typeof tokens !== 'number' || Number.isNaN(tokens) || tokens <= 0) return 0
  return Math.min(tokensMax, Math.round(tokens))
}
