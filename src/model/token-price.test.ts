import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { noUsage } from '../domain/usage.ts'
import { costMicrosUsd, microsFromUsd } from './token-price.ts'

describe('costMicrosUsd', () => {
  const price = { inputMicrosUsdPerMillionTokens: 3_000_000, outputMicrosUsdPerMillionTokens: 15_000_000 }

  test('rounds up once, not per kind of token', () => {
    const cheap = { inputMicrosUsdPerMillionTokens: 100_000, outputMicrosUsdPerMillionTokens: 100_000 }
    expect(costMicrosUsd(cheap, { ...noUsage, inputTokens: 1, outputTokens: 1 })).toBe(1)
    expect(costMicrosUsd(cheap, { ...noUsage, inputTokens: 10, outputTokens: 0 })).toBe(1)
    expect(costMicrosUsd(cheap, { ...noUsage, inputTokens: 10, outputTokens: 1 })).toBe(2)
  })

  test('counts cached tokens as input where they have no price of their own', () => {
    const usage = { ...noUsage, inputTokens: 10, cacheReadTokens: 4, cacheWriteTokens: 3 }
    expect(costMicrosUsd(price, usage)).toBe(30)
    expect(costMicrosUsd({ ...price, cacheReadMicrosUsdPerMillionTokens: 0 }, usage)).toBe(18)
    expect(costMicrosUsd({ ...price, cacheWriteMicrosUsdPerMillionTokens: 6_000_000 }, usage)).toBe(39)
  })

  test('is exact beyond what a float holds', () => {
    expect(
      costMicrosUsd(
        { ...price, outputMicrosUsdPerMillionTokens: 1_000_001 },
        { ...noUsage, outputTokens: 9_007_199_255 },
      ),
    ).toBe(
      9_007_208_263, // 9007199255 * 1000001 / 10^6 = 9007208262.199255
    )
  })
})

describe('microsFromUsd', () => {
  test('takes the noise of the float off before it rounds up', () => {
    expect(microsFromUsd(1.1400000000000001)).toBe(1_140_000)
    expect(microsFromUsd(0.034999999999999996)).toBe(35_000)
    expect(microsFromUsd(0.0000001)).toBe(1)
    expect(microsFromUsd(0)).toBe(0)
  })

  test('gives whole millionths back exactly, and rounds anything between them up', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), fc.integer({ min: 1, max: 999 }), (micros, thousandths) => {
        expect(microsFromUsd(micros / 1e6)).toBe(micros)
        expect(microsFromUsd(micros / 1e6 + thousandths / 1e9)).toBe(micros + 1)
      }),
    )
  })
})
