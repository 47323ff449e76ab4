import type { Amounts } from '../domain/budget.ts'
import type { CallAmounts } from '../domain/event.ts'
import type { ModelChoice } from '../domain/task.ts'
import { noUsage } from '../domain/usage.ts'
import type { Models, ToolOffer } from '../model/model.ts'
import type { Conversation } from './conversation.ts'

/** The fewest output tokens that a call is made for. Providers refuse calls with less, and nothing comes of them. */
export const outputTokensMin = 16

/** The tokens that providers add per message and per call. Each token of text stands for at least one byte. */
const tokensPerMessage = 16
const tokensPerCall = 512

/** The reservation for a call, and the bound on its output that holds the call to it. */
export interface CallPlan {
  readonly reserved: CallAmounts
  readonly outputTokensMax: number
}

/**
 * Returns an upper bound of the input tokens of a call (docs/guard.md, "Budget"). It lies far above prose, since a run fails
 * where the bound is passed, and texts in some scripts, digits and encoded data come close to it.
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
 * Plans the reservation of a call: all of its input, and `outputTokensWanted` of output or as much as the rest of the budget
 * pays for. Answers undefined where that is less than `outputTokensMin`: the budget is exhausted.
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
    // Prices only grow with tokens, so a bisection finds the most that can be paid.
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
