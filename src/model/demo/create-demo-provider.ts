import { setImmediate } from 'node:timers/promises'
import type { Usage } from '../../domain/usage.ts'
import { type ModelCall, type ModelDelta, ModelError, type ModelProvider, type ModelResponse } from '../model.ts'
import { planTurn, type TurnPart } from './plan-turn.ts'

/** The dependencies of the demonstration model. */
export interface DemoProviderDeps {
  /** Resolves after `ms` milliseconds, or rejects with the signal's reason as soon as it is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

/** The milliseconds between two tokens of a `say … slowly`. */
const slowTokenMs = 20

/** The tokens after which the event loop gets a turn, so that streams interleave and an abort is noticed. */
const tokensPerTurnOfLoop = 16

/**
 * A model that needs no key and gives the same answer to the same messages: it follows the instructions of
 * docs/demo-model.md with the tools that it is offered. It uses no network, so that the call's timeouts do not apply;
 * it ends early only by the signal or at `outputTokensMax`.
 */
export function createDemoProvider(deps: DemoProviderDeps): ModelProvider {
  return { stream: (call) => streamTurn(call, deps.sleep) }
}

async function* streamTurn(
  call: ModelCall,
  sleep: DemoProviderDeps['sleep'],
): AsyncGenerator<ModelDelta, ModelResponse, void> {
  call.signal.throwIfAborted()
  const turn = planTurn(call.messages, call.tools)
  const tokensMax = call.outputTokensMax ?? Number.POSITIVE_INFINITY
  let text = ''
  let tokens = 0
  for (const part of turn.parts) {
    if (part.kind === 'fail') throw refused(part.reason, text.length, usageOf(call, tokens))
    if (part.kind === 'wait') {
      await sleep(part.ms, call.signal)
      continue
    }
    let first = true
    for (const token of tokensOf(part)) {
      if (tokens >= tokensMax) return responseOf(call, text, tokens, 'length')
      if (part.slowly && !first) await sleep(slowTokenMs, call.signal)
      else if (tokens % tokensPerTurnOfLoop === tokensPerTurnOfLoop - 1) {
        await setImmediate()
        call.signal.throwIfAborted()
      }
      const delta = first && text !== '' ? `\n${token}` : token
      first = false
      text += delta
      tokens += 1
      yield { kind: 'text', text: delta }
    }
  }
  if (turn.calls.length === 0) return responseOf(call, text, tokens, 'stop')
  const spent = turn.calls.reduce((sum, { input }) => sum + tokensIn(JSON.stringify(input)), tokens)
  return { ...responseOf(call, text, spent, 'tool-calls'), toolCalls: turn.calls }
}

function* tokensOf(part: Extract<TurnPart, { kind: 'say' }>): Generator<string> {
  if (part.tokens === null) {
    for (const [token] of part.text.matchAll(/\s*\S+/g)) yield token
    return
  }
  const words = part.text.split(/\s+/)
  for (let at = 0; at < part.tokens; at += 1) yield `${at === 0 ? '' : ' '}${words[at % words.length]}`
}

function responseOf(call: ModelCall, text: string, outputTokens: number, finish: string): ModelResponse {
  return { text, reasoning: '', toolCalls: [], finish, usage: usageOf(call, outputTokens), messages: null }
}

/** The usage: a token for each word of the output, and for every four characters of the input. */
function usageOf(call: ModelCall, outputTokens: number): Usage {
  let inputTokens = tokensIn(call.instructions ?? '')
  for (const message of call.messages) inputTokens += tokensIn(message.role === 'tool' ? message.output : message.text)
  return { inputTokens, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 }
}

function tokensIn(text: string): number {
  return Math.ceil(text.length / 4)
}

function refused(reason: string, streamedChars: number, usage: Usage): ModelError {
  return new ModelError('request_refused', reason, { retryable: false, streamedChars, usage })
}
