import { expect, test } from 'vitest'
import { noUsage, type Usage } from '../domain/usage.ts'
import { amountsOf, chargeFailed, chargeInterrupted, overdraws } from './call-charges.ts'
import type { SentCall } from './reserved-call.ts'

const reservation = { step: 1, tryNumber: 1, reserved: { micros_usd: 1_000, tokens: 500 } }
/** Ten micro-dollars a token of input, twenty one of output. */
const price = async ({ inputTokens, outputTokens }: Usage) => inputTokens * 10 + outputTokens * 20
const neverAsked = () => Promise.reject(new Error('it has no price'))

function sent(inputBytes: number, answeredBytes: number): SentCall {
  return { ...reservation, phase: 'sent', inputBytes, streamed: { text: '', reasoning: '', bytes: answeredBytes } }
}

test('a call that was not sent is charged nothing', async () => {
  const charge = await chargeInterrupted({ ...reservation, phase: 'reserved', outputTokensMax: 100 }, neverAsked)
  expect(charge).toEqual({})
  expect(amountsOf(charge)).toEqual({ micros_usd: 0, tokens: 0 })
})

test('a call that was being answered is charged an estimate of its input and of what had come', async () => {
  expect(await chargeInterrupted(sent(30, 9), price)).toEqual({
    usage: { ...noUsage, inputTokens: 10, outputTokens: 3 },
    cost_micros_usd: 160,
    estimated: true,
  })
})

test('a call that was lost with its process is charged all that was reserved', async () => {
  const charge = await chargeInterrupted({ ...reservation, phase: 'lost' }, neverAsked)
  expect(charge).toEqual({ usage: { ...noUsage, inputTokens: 500 }, cost_micros_usd: 1_000, estimated: true })
  expect(amountsOf(charge)).toEqual(reservation.reserved)
})

test('an estimate is never more than was reserved, in tokens and in money', async () => {
  const charge = await chargeInterrupted(sent(3_000, 3_000), price)
  expect(amountsOf(charge)).toEqual(reservation.reserved)
  const used = amountsOf(await chargeInterrupted(sent(1_200, 3_000), price))
  expect(used.tokens).toBe(500)
  expect(overdraws(reservation.reserved, used)).toBe(false)
})

test('a failed call is charged what the provider told, however much that is', async () => {
  const usage = { ...noUsage, inputTokens: 400, outputTokens: 200 }
  const charge = await chargeFailed(sent(30, 0), { usage, usageEstimated: false, streamedChars: 0 }, price)
  expect(charge).toEqual({ usage, cost_micros_usd: 8_000, estimated: false })
  expect(overdraws(reservation.reserved, amountsOf(charge))).toBe(true)
})

test('a failed call that was refused before it answered is charged nothing', async () => {
  const broken = { usage: undefined, usageEstimated: false, streamedChars: 0 }
  expect(await chargeFailed(sent(30, 0), broken, neverAsked)).toEqual({})
})

test('a failed call is charged for what came but was not streamed on, such as arguments of tools', async () => {
  const broken = { usage: undefined, usageEstimated: false, streamedChars: 30 }
  expect((await chargeFailed(sent(30, 3), broken, price)).usage?.outputTokens).toBe(10)
  expect((await chargeFailed(sent(30, 60), broken, price)).usage?.outputTokens).toBe(20)
})

test.each([
  [{ micros_usd: 1_000, tokens: 500 }, false],
  [{ micros_usd: 1_001, tokens: 0 }, true],
  [{ micros_usd: 0, tokens: 501 }, true],
])('%o of what was reserved is too much: %s', (used, isTooMuch) => {
  expect(overdraws(reservation.reserved, used)).toBe(isTooMuch)
})
