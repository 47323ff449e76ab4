import type { LanguageModel, ModelMessage, ToolSet } from 'ai'
import type { ProviderSettings } from '../catalogue.ts'
import { type ModelCall, type ModelDelta, ModelError, type ModelProvider, type ModelResponse } from '../model.ts'
import { type AnswerMeterSettings, answerLimits, createAnswerMeter } from './answer-meter.ts'
import { CallProgress, type CheckInput } from './call-progress.ts'
import { connectLanguageModel } from './connect-language-model.ts'
import { type CallTimer, type GuardedFetch, guardFetch } from './guarded-fetch.ts'
import { capitalized, notAnApi } from './network-errors.ts'
import { outputTokensMax, providerOptions } from './provider-options.ts'
import { toModelError } from './to-model-error.ts'
import { toModelMessages, verbatimMessages } from './to-model-messages.ts'

/** The dependencies of a provider. */
export interface AiSdkDeps extends AnswerMeterSettings {
  /** The timer of the timeouts. */
  readonly clock: CallTimer
  /** Checks an input against a JSON Schema, which the SDK does not do. */
  readonly checkInput: CheckInput
}

/**
 * A provider that is called over HTTP through the AI SDK: one step per call, no retries, no execution of tools. The SDK
 * and the provider's package are loaded at the first call.
 */
export function createAiSdkProvider(settings: ProviderSettings, deps: AiSdkDeps): ModelProvider {
  return { stream: (call) => streamCall(settings, deps, call) }
}

async function* streamCall(
  settings: ProviderSettings,
  { clock, checkInput, ...limits }: AiSdkDeps,
  call: ModelCall,
): AsyncGenerator<ModelDelta, ModelResponse, void> {
  call.signal.throwIfAborted()
  const sdk = await loadSdk()
  const meter = createAnswerMeter(answerLimits(call, limits))
  const progress = new CallProgress(call, checkInput)
  const guarded = guardFetch({ settings, call, meter, timer: clock })
  try {
    const model = await connectLanguageModel(settings, call.choice.model, guarded.fetch)
    let messages: readonly ModelMessage[] = []
    // The usual function keeps each part for later readers, for as long as the answer grows.
    const { stream } = sdk.experimental_streamTextLowMemory({
      ...request(sdk, settings, call, model),
      stopWhen: sdk.isStepCount(1),
      maxRetries: 0,
      abortSignal: guarded.signal,
      onStepEnd: ({ response }) => {
        messages = response.messages
      },
      onError: () => undefined, // The default prints to the console. The error also arrives as a part.
    })
    for await (const part of stream) {
      if (!meter.keep(part)) throw guarded.exceed()
      const delta = progress.take(part)
      if (delta !== undefined) yield delta
    }
    // An abort ends the stream as if it were complete.
    guarded.signal.throwIfAborted()
    if (!progress.complete) throw brokeOff(guarded.provider)
    return progress.response(verbatimMessages(messages))
  } catch (error) {
    if (call.signal.aborted) throw call.signal.reason
    const context = { now: clock.now(), secrets: [settings.apiKey ?? ''], provider: guarded.provider }
    const failure = guarded.failure ?? unreadable(toModelError(error, context), guarded, progress)
    throw progress.broken(failure)
  } finally {
    guarded.close()
  }
}

/** The error for a stream that ended before the provider reported that it had finished. */
function brokeOff(provider: string): ModelError {
  const sentence = `${capitalized(provider)} broke off before its answer was complete.`
  return new ModelError('connection_cut', sentence, { retryable: true })
}

/**
 * The error for an answer of which nothing could be read and which is not declared as a stream of events: a further try
 * would not read more.
 */
function unreadable(error: ModelError, { provider, foreignType }: GuardedFetch, { empty }: CallProgress): ModelError {
  if (foreignType === undefined || !empty) return error
  return error.code === 'connection_cut' || error.code === 'bad_response' ? notAnApi(foreignType, provider) : error
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
  globalThis.AI_SDK_LOG_WARNINGS = false // Otherwise it prints to the console.
  return sdk
}
