import type { LanguageModel, ToolSet } from 'ai'
import type { ProviderSettings } from '../catalogue.ts'
import { type ModelCall, type ModelDelta, ModelError, type ModelProvider, type ModelResponse } from '../model.ts'
import { CallProgress, type CheckInput } from './call-progress.ts'
import { connectLanguageModel } from './connect-language-model.ts'
import { type CallTimer, guardFetch } from './guarded-fetch.ts'
import { outputTokensMax, providerOptions } from './provider-options.ts'
import { toModelError } from './to-model-error.ts'
import { toModelMessages, verbatimMessages } from './to-model-messages.ts'

export interface AiSdkParts {
  /** Moves the timeouts. */
  readonly clock: CallTimer
  /** What in an input does not fit a JSON Schema: the SDK does not check it. */
  readonly checkInput: CheckInput
}

/**
 * A provider that is spoken to over HTTP through the AI SDK: one step a call, no retries, no tool carried out. The SDK and
 * the provider's package are loaded at the first call.
 */
export function createAiSdkProvider(settings: ProviderSettings, parts: AiSdkParts): ModelProvider {
  return { stream: (call) => streamCall(settings, parts, call) }
}

async function* streamCall(
  settings: ProviderSettings,
  { clock, checkInput }: AiSdkParts,
  call: ModelCall,
): AsyncGenerator<ModelDelta, ModelResponse, void> {
  call.signal.throwIfAborted()
  const progress = new CallProgress(call, checkInput)
  const sdk = await loadSdk()
  const guarded = guardFetch(call.timeouts, call.signal, clock)
  try {
    const model = await connectLanguageModel(settings, call.choice.model, guarded.fetch)
    const result = sdk.streamText({
      ...request(sdk, settings, call, model),
      stopWhen: sdk.isStepCount(1),
      maxRetries: 0,
      abortSignal: guarded.signal,
      onError: () => undefined, // its default prints to the console; the error also comes as a part
    })
    for await (const part of result.stream) {
      const delta = progress.take(part)
      if (delta !== undefined) yield delta
    }
    guarded.signal.throwIfAborted() // an abort ends the stream as if it were complete
    progress.checkComplete()
    const { messages } = await result.finalStep.then((step) => step.response)
    return progress.response(verbatimMessages(messages))
  } catch (error) {
    if (call.signal.aborted) throw call.signal.reason
    const known = guarded.failure ?? (error instanceof ModelError ? error : undefined)
    throw progress.broken(known ?? toModelError(error, clock.now(), [settings.apiKey ?? '']))
  } finally {
    guarded.close()
  }
}

function request(sdk: typeof import('ai'), settings: ProviderSettings, call: ModelCall, model: LanguageModel) {
  const tools: ToolSet = {}
  for (const { name, description, inputSchema } of call.tools) {
    tools[name] = { description, inputSchema: sdk.jsonSchema(inputSchema as Parameters<typeof sdk.jsonSchema>[0]) }
  }
  const tokensMax = outputTokensMax(settings, call.outputTokensMax)
  return {
    model,
    messages: toModelMessages(call.messages, call.choice),
    providerOptions: providerOptions(settings, call.choice.options),
    ...(call.instructions !== null && { instructions: call.instructions }),
    ...(call.tools.length > 0 && { tools }),
    ...(tokensMax !== undefined && { maxOutputTokens: tokensMax }),
  }
}

async function loadSdk(): Promise<typeof import('ai')> {
  const sdk = await import('ai')
  globalThis.AI_SDK_LOG_WARNINGS = false // else it prints to the console
  return sdk
}
