import { type Clock, sleep } from '../clock/clock.ts'
import type { Limits } from '../domain/limits.ts'
import { Refusal } from '../domain/refusal.ts'
import type { Log } from '../engine/engine-deps.ts'
import { createAiSdkProvider } from '../model/ai-sdk/create-ai-sdk-provider.ts'
import { genaiPriceMicrosUsd } from '../model/ai-sdk/genai-price.ts'
import type { Catalogue } from '../model/catalogue.ts'
import { createModels } from '../model/create-models.ts'
import { createDemoProvider } from '../model/demo/create-demo-provider.ts'
import type { Models } from '../model/model.ts'
import { checkInput } from '../tool/check-input.ts'
import { StartError } from './start-error.ts'

interface OpenModelsOptions {
  readonly env: NodeJS.ProcessEnv
  readonly extension: Catalogue | null
  readonly clock: Clock
  readonly limits: Pick<Limits, 'answer_bytes_per_token_max' | 'tool_calls_per_response_max'>
}

/** The models of this server. Nothing is connected yet. */
export function openModels({ env, extension, clock, limits }: OpenModelsOptions): Models {
  const answers = {
    answerBytesPerTokenMax: limits.answer_bytes_per_token_max,
    toolCallsPerResponseMax: limits.tool_calls_per_response_max,
  }
  return createModels({
    env: { ...env }, // reading the process's own costs a system call a time
    extension,
    demo: createDemoProvider({ sleep: (ms, signal) => sleep(clock, ms, signal) }),
    connect: (settings) => createAiSdkProvider(settings, { clock, checkInput, ...answers }),
    priceTable: genaiPriceMicrosUsd,
    now: clock.now,
  })
}

/**
 * Throws StartError where the operator named a default model that does not exist. Anything else that keeps the default
 * from being called (it lacks its key, nobody named one) is logged as a warning: callers may name models, and bring
 * keys, of their own.
 */
export function checkDefaultModel(
  models: Models,
  { env, extension }: Pick<OpenModelsOptions, 'env' | 'extension'>,
  log: Log,
): void {
  try {
    models.resolve([])
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const isNamed = [env['MANDATE_MODEL'], env['MANDATE_PROVIDER'], extension?.default].some(Boolean)
    if (!isNamed || error.code !== 'model_unknown') {
      log.warn({}, `the default model cannot be called: ${error.message}`)
      return
    }
    const names = 'MANDATE_PROVIDER, MANDATE_MODEL, or "default" in the models file'
    throw new StartError('usage', `the default model (${names}) is none. ${error.message}`, error)
  }
}
