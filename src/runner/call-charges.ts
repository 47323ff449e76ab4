import type { CallAmounts } from '../domain/event.ts'
import { noUsage, type Usage } from '../domain/usage.ts'
import type { ReservedCall, SentCall } from './reserved-call.ts'

/** The charge for a model call that brought no response. A charge without `usage` is nothing. */
export interface CallCharge {
  readonly usage?: Usage | undefined
  readonly cost_micros_usd?: number | undefined
  /** True where no provider has reported the usage. */
  readonly estimated?: boolean | undefined
}

/** Prices a usage in micro-dollars. */
export type Price = (usage: Usage) => Promise<number>

const nothing: CallCharge = {}
const bytesPerToken = 3

/**
 * Charges a call that the server ended.
 * - It was not sent: nothing, since no provider has seen it.
 * - It was being answered: an estimate from the input that was sent and the output that had arrived. The provider bills that
 *   much and stops soon after the connection is closed.
 * - It was lost with its process: the whole reservation, whether the run goes on or ends by it. Nobody knows how far it had
 *   come, the reservation is the only bound that holds, and a budget is a promise about real money.
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

/** The facts about a call that the provider, or the way to it, did not bring to an end. */
export interface BrokenAnswer {
  /** The usage, where the provider reported it before the call broke. */
  readonly usage: Usage | undefined
  readonly usageEstimated: boolean
  /** The characters that had arrived. They include what is not streamed on, such as arguments of tools. */
  readonly streamedChars: number
}

/**
 * Charges a call that failed.
 * - The provider reported the usage: that, however much it is.
 * - It was answering: an estimate, as for a call that the server ended.
 * - It was refused before a byte of an answer came: nothing.
 */
export async function chargeFailed(call: SentCall, broken: BrokenAnswer, price: Price): Promise<CallCharge> {
  const { usage, usageEstimated, streamedChars } = broken
  if (usage !== undefined) return { usage, cost_micros_usd: await price(usage), estimated: usageEstimated }
  if (streamedChars === 0) return nothing
  return chargeEstimate(call, Math.max(streamedChars, call.streamed.bytes), price)
}

/** The estimate errs upwards, and never exceeds the reservation. */
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

/** Converts a charge to the amounts that it takes from the budget. */
export function amountsOf({ usage, cost_micros_usd = 0 }: CallCharge): CallAmounts {
  return { micros_usd: cost_micros_usd, tokens: (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0) }
}

/** Tells whether a call used more than was reserved for it. Then the run fails with `budget_overdrawn`. */
export function overdraws(reserved: CallAmounts, used: CallAmounts): boolean {
  return used.micros_usd > reserved.micros_usd || used.tokens > reserved.tokens
}
