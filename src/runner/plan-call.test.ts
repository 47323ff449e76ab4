import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Usage } from '../domain/usage.ts'
import type { Models } from '../model/model.ts'
import { overdraws } from './call-charges.ts'
import { emptyConversation, say } from './conversation.ts'
import { inputTokensMax, outputTokensMin, planCall } from './plan-call.ts'

const choice = { provider: 'p', model: 'm', name: 'm', options: {} }
type Price = (inputTokens: number, outputTokens: number) => number

function pricing(price: Price): Models {
  const priceMicrosUsd = async (_: unknown, { inputTokens, outputTokens }: Usage) => price(inputTokens, outputTokens)
  return { priceMicrosUsd } as unknown as Models
}

/** A price that never falls when more is said: stairs of random widths and heights. */
const prices: fc.Arbitrary<Price> = fc
  .record({
    input: fc.integer({ min: 0, max: 20 }),
    stairs: fc.array(fc.record({ from: fc.nat(3_000), micros: fc.nat(5_000) }), { maxLength: 20 }),
    perToken: fc.constantFrom(0, 0, 1, 7),
  })
  .map(({ input, stairs, perToken }) => (inputTokens, outputTokens) => {
    const climbed = stairs.filter(({ from }) => outputTokens >= from).reduce((sum, { micros }) => sum + micros, 0)
    return input * inputTokens + perToken * outputTokens + climbed
  })

const amounts = fc.record({
  micros_usd: fc.integer({ min: -5, max: 60_000 }),
  tokens: fc.integer({ min: -5, max: 6_000 }),
  steps: fc.integer({ min: -1, max: 2 }),
})

test('a call reserves never more than is available, and its output is the largest that can be paid', async () => {
  const given = [prices, fc.nat(2_000), fc.integer({ min: 1, max: 3_000 }), amounts] as const
  await fc.assert(
    fc.asyncProperty(...given, async (price, inputTokens, wanted, available) => {
      const plan = await planCall(pricing(price), choice, inputTokens, wanted, available)
      const affordable = (outputTokens: number) =>
        outputTokens <= wanted &&
        available.steps >= 1 &&
        inputTokens + outputTokens <= available.tokens &&
        price(inputTokens, outputTokens) <= available.micros_usd
      if (plan === undefined) {
        expect(affordable(outputTokensMin)).toBe(false)
        return
      }
      const { outputTokensMax, reserved } = plan
      expect(outputTokensMax).toBeGreaterThanOrEqual(outputTokensMin)
      expect(affordable(outputTokensMax)).toBe(true)
      expect(affordable(outputTokensMax + 1)).toBe(false)
      expect(reserved).toEqual({
        micros_usd: price(inputTokens, outputTokensMax),
        tokens: inputTokens + outputTokensMax,
      })
    }),
    { numRuns: 2_000 },
  )
})

test('a budget that pays for the least output to the last token pays for the call', async () => {
  const free = pricing(() => 0)
  const available = { micros_usd: 0, tokens: 100 + outputTokensMin, steps: 1 }
  const plan = await planCall(free, choice, 100, 1_000, available)
  expect(plan?.outputTokensMax).toBe(outputTokensMin)
  expect(await planCall(free, choice, 101, 1_000, available)).toBeUndefined()
})

test('a call may cost all that is left, to the last micro-dollar', async () => {
  const perToken = pricing((inputTokens, outputTokens) => inputTokens + outputTokens)
  const available = { micros_usd: 1_100, tokens: 1_000_000, steps: 1 }
  expect(await planCall(perToken, choice, 100, 1_000, available)).toEqual({
    outputTokensMax: 1_000,
    reserved: { micros_usd: 1_100, tokens: 1_100 },
  })
  const least = { ...available, micros_usd: 100 + outputTokensMin }
  expect((await planCall(perToken, choice, 100, 1_000, least))?.outputTokensMax).toBe(outputTokensMin)
})

test('the input is estimated from above: no token is less than a byte, and there is more for each message', () => {
  const conversation = emptyConversation()
  const empty = inputTokensMax(conversation, null, [])
  say(conversation, { role: 'user', text: 'ä'.repeat(1_000) })
  const said = inputTokensMax(conversation, null, [])
  expect(said - empty).toBeGreaterThanOrEqual(2_000)
  expect(inputTokensMax(conversation, 'x'.repeat(500), [])).toBeGreaterThanOrEqual(said + 500)
  const tool = { name: 'a', description: 'b'.repeat(300), inputSchema: {} }
  expect(inputTokensMax(conversation, null, [tool])).toBeGreaterThan(said + 300)
})

test('a call is overdrawn by money or by tokens, and not by what was reserved to the last', () => {
  const reserved = { micros_usd: 10, tokens: 20 }
  expect(overdraws(reserved, reserved)).toBe(false)
  expect(overdraws(reserved, { micros_usd: 11, tokens: 0 })).toBe(true)
  expect(overdraws(reserved, { micros_usd: 0, tokens: 21 })).toBe(true)
})
