import type { CallAmounts } from '../domain/event.ts'
import { noUsage, type Usage } from '../domain/usage.ts'
import type { ReservedCall, SentCall } from './reserved-call.ts'

/** What a model call is charged that brought no response; without `usage` it is charged nothing. */
export interface CallCharge {
  readonly usage?: Usage | undefined
  readonly cost_micros_usd?: number | undefined
  /** Nobody told the usage. */
  readonly estimated?: boolean | undefined
}

/** Micro-dollars that a usage costs. */
export type Price = (usage: Usage) => Promise<number>

const nothing: CallCharge = {}
const bytesPerToken = 3

/**
 * The charge for a call that the server ended.
 * - It was not sent: nothing, since no provider has seen it.
 * - It was being answered: an estimate of what was given and of what had come. The provider bills that much and stops soon
 *   after the connection is closed.
 * - It was lost with its process: the whole reservation, whether the run goes on or ends by it. How far it had come is known
 *   to nobody, the reservation is the only bound that holds, and a budget is a promise about real money.
 */
export async function chargeInterrupted(call: ReservedCall, price: Price): Promise<CallCharge> {
  switch (call.phase) {
    case 'reserved':
      return nothing
    case 'sent':
      return chargeEstimate(call, call.streamed.bytes, price)
    case 'lost': {
      const usage = { ...noUsage, inputTokens: call.reserved.tokens }
      return { usage, cost_micros_usd: call.reserved.micros_usd, estimated: true }
    }
  }
}

/** What is known of a call that the provider, or the way to it, did not bring to an end. */
export interface BrokenAnswer {
  /** The usage as far as the provider told it. */
  readonly usage: Usage | undefined
  readonly usageEstimated: boolean
  /** What had come, in characters: also what was not streamed on, such as arguments of tools. */
  readonly streamedChars: number
}

/**
 * The charge for a call that failed.
 * - The provider told its usage: that, however much it is.
 * - It was answering: an estimate, as for one that the server ended.
 * - It was refused before a byte of an answer came: nothing.
 */
export async function chargeFailed(call: SentCall, broken: BrokenAnswer, price: Price): Promise<CallCharge> {
  const { usage, usageEstimated, streamedChars } = broken
  if (usage !== undefined) return { usage, cost_micros_usd: await price(usage), estimated: usageEstimated }
  if (streamedChars === 0) return nothing
  return chargeEstimate(call, Math.max(streamedChars, call.streamed.bytes), price)
}

/** Rather too much, and never more than was reserved. */
async function chargeEstimate(
  { inputBytes, reserved }: SentCall,
  outputBytes: number,
  price: Price,
): Promise<CallCharge> {
  const inputTokens = Math.min(Math.ceil(inputBytes / bytesPerToken), reserved.tokens)
  const outputTokens = Math.min(Math.ceil(outputBytes / bytesPerToken), reserved.tokens - inputTokens)
  const usage = { ...noUsage, inputTokens, outputTokens }
  return { usage, cost_micros_usd: Math.min(await price(usage), reserved.micros_usd), estimated: true }
}

/** What a charge takes from the budget. */
export function amountsOf({ usage, cost_micros_usd = 0 }: CallCharge): CallAmounts {
  return { micros_usd: cost_micros_usd, tokens: (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0) }
}

/** Whether a call used more than was reserved for it. */
export function overdraws(reserved: CallAmounts, used: CallAmounts): boolean {
  return used.micros_usd > reserved.micros_usd || used.tokens > reserved.tokens
}
