import fc from 'fast-check'
import { expect, test } from 'vitest'
import { retryDelayMs, modelRetryRule as rule } from './retry.ts'

test('delays grow, stay within their ceiling, and end', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (tried, random) => {
      const delay = retryDelayMs(rule, tried, random, undefined)
      if (tried >= rule.triesMax) {
        expect(delay).toBeUndefined()
        return
      }
      const ceiling = Math.min(rule.delayMsMax, rule.firstDelayMs * 2 ** (tried - 1))
      expect(delay).toBeGreaterThanOrEqual(ceiling / 2)
      expect(delay).toBeLessThanOrEqual(ceiling)
    }),
  )
})

test('a Retry-After is waited for, but not for longer than the rule allows', () => {
  expect(retryDelayMs(rule, 1, 0, 20_000)).toBe(20_000)
  expect(retryDelayMs(rule, 1, 0, 1)).toBe(rule.firstDelayMs / 2)
  expect(retryDelayMs(rule, 1, 0, rule.retryAfterMsMax + 1)).toBeUndefined()
})
