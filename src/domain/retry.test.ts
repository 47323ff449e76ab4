import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lostAttemptDelayMs, retryDelayMs, modelRetryRule as rule } from './retry.ts'

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

test('a Retry-After is obeyed up to exactly the longest of the rule', () => {
  expect(retryDelayMs(rule, 1, 0, rule.retryAfterMsMax)).toBe(rule.retryAfterMsMax)
})

test('the last try is the one before the most that the rule allows', () => {
  expect(retryDelayMs(rule, rule.triesMax - 1, 0, undefined)).toBe(4_000 / 2)
  expect(retryDelayMs(rule, rule.triesMax, 0, undefined)).toBeUndefined()
})

test('a run that loses attempts to a broken server waits five times as long each time, up to a minute', () => {
  expect([1, 2, 3, 4].map((lost) => lostAttemptDelayMs(lost, 'broke'))).toEqual([1_000, 5_000, 25_000, 60_000])
  for (const reason of ['died', 'handed_back'] as const) expect(lostAttemptDelayMs(3, reason)).toBe(0)
})
