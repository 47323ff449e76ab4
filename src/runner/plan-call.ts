import type { Amounts } from '../domain/budget.ts'
import type { CallAmounts } from '../domain/event.ts'
import type { ModelChoice } from '../domain/task.ts'
import { noUsage } from '../domain/usage.ts'
import type { Models, ToolOffer } from '../model/model.ts'
import type { Conversation } from './conversation.ts'

/** Fewer output tokens than this are not worth a call: providers refuse it, and nothing comes of it. */
export const outputTokensMin = 16

/** Beside what is text, of which no token stands for less than one byte. */
const tokensPerMessage = 16
const tokensPerCall = 512

/** What a call may cost at most, and the bound on its output that holds it to that. */
export interface CallPlan {
  readonly reserved: CallAmounts
  readonly outputTokensMax: number
}

/**
 * An upper bound of the tokens that everything a call is given comes to (docs/guard.md, "Budget"). Far above prose, since a run
 * ends where it is passed, and texts in some scripts, digits and encoded data come close to it.
 */
export function inputTokensMax(
  conversation: Conversation,
  instructions: string | null,
  tools: readonly ToolOffer[],
): number {
  const bytes = conversation.bytes + Buffer.byteLength(instructions ?? '') + Buffer.byteLength(JSON.stringify(tools))
  return tokensPerCall + tokensPerMessage * conversation.messages.length + bytes
}

/**
 * What a call reserves: all of its input, and as much output as it may have; where that is more than is left, as much as
 * what is left pays for. Undefined where that is nothing: the budget is exhausted.
 */
export async function planCall(
  models: Models,
  choice: ModelChoice,
  inputTokens: number,
  outputTokensWanted: number,
  available: Amounts,
): Promise<CallPlan | undefined> {
  const price = (outputTokens: number) => models.priceMicrosUsd(choice, { ...noUsage, inputTokens, outputTokens })
  if (available.steps < 1) return undefined
  let most = Math.min(outputTokensWanted, available.tokens - inputTokens)
  if (most < outputTokensMin) return undefined
  let cost = await price(most)
  if (cost > available.micros_usd) {
    if ((await price(outputTokensMin)) > available.micros_usd) return undefined
    // Prices only grow with tokens: the most that can be paid lies between what can and what cannot.
    let least = outputTokensMin
    while (most - least > 1) {
      const middle = Math.floor((least + most) / 2)
      if ((await price(middle)) <= available.micros_usd) least = middle
      else most = middle
    }
    most = least
    cost = await price(most)
  }
  return { reserved: { micros_usd: cost, tokens: inputTokens + most }, outputTokensMax: most }
}
