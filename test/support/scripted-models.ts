import type { JsonValue } from '../../src/domain/json.ts'
import { Refusal } from '../../src/domain/refusal.ts'
import type { ModelChoice } from '../../src/domain/task.ts'
import { noUsage } from '../../src/domain/usage.ts'
import type { ModelCall, ModelDelta, ModelResponse, Models } from '../../src/model/model.ts'

export interface ScriptedStep {
  readonly text?: string
  readonly reasoning?: string
  readonly calls?: readonly { readonly tool: string; readonly input: JsonValue }[]
  readonly messages?: JsonValue
  readonly throws?: Error
  /** Awaited before the response, with the call: where a test holds a model. */
  readonly before?: (call: ModelCall) => Promise<void> | void
}

export interface ScriptedModels extends Models {
  readonly calls: ModelCall[]
}

const choice: ModelChoice = { provider: 'scripted', model: 'scripted-1', name: 'scripted', options: {} }

/**
 * A model that answers with the steps it is given, in order; the last one again when they are used up. One micro-dollar a
 * token; every answer used ten tokens in and five out.
 */
export function createScriptedModels(steps: readonly ScriptedStep[]): ScriptedModels {
  const calls: ModelCall[] = []
  let callIds = 0
  return {
    calls,
    resolve(preferences, _ownKey) {
      if (preferences.some(({ model }) => model === 'no-such-model'))
        throw new Refusal('model_unknown', 'no such model')
      return choice
    },
    list: () => [],
    priceMicrosUsd: async (_choice, usage) => usage.inputTokens + usage.outputTokens,
    async *stream(call): AsyncGenerator<ModelDelta, ModelResponse, void> {
      const step = steps[Math.min(calls.length, steps.length - 1)] ?? {}
      calls.push({ ...call, messages: [...call.messages] })
      if (step.text !== undefined) yield { kind: 'text', text: step.text }
      await abortable(call.signal, step.before?.(call))
      if (step.throws !== undefined) throw step.throws
      return {
        text: step.text ?? '',
        reasoning: step.reasoning ?? '',
        toolCalls: (step.calls ?? []).map((wanted) => {
          callIds += 1
          return { id: `call-${callIds}`, ...wanted }
        }),
        finish: 'stop',
        usage: { ...noUsage, inputTokens: 10, outputTokens: 5 },
        messages: step.messages ?? null,
      }
    },
  }
}

async function abortable(signal: AbortSignal, waiting: Promise<void> | void): Promise<void> {
  signal.throwIfAborted()
  if (waiting === undefined) return
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  await Promise.race([waiting, aborted.promise]).finally(() => signal.removeEventListener('abort', abort))
}
