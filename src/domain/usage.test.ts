import { expect, test } from 'vitest'
import { addUsage, noUsage } from './usage.ts'

test('the sum of two usages adds each kind of token, and no usage adds nothing', () => {
  const a = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4, reasoningTokens: 5 }
  const b = { inputTokens: 10, outputTokens: 20, cacheReadTokens: 30, cacheWriteTokens: 40, reasoningTokens: 50 }
  expect(addUsage(a, b)).toEqual({
    inputTokens: 11,
    outputTokens: 22,
    cacheReadTokens: 33,
    cacheWriteTokens: 44,
    reasoningTokens: 55,
  })
  expect(addUsage(a, noUsage)).toEqual(a)
})
