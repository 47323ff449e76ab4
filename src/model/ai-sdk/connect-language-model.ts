import type { LanguageModel } from 'ai'
import type { ProviderSettings } from '../catalogue.ts'

/**
 * Creates the SDK's model of this provider, which uses `fetch`. Its package is loaded at its first use. Where there is
 * no key it is given an empty one: undefined would make the package search the environment for one and send it to
 * whatever address this provider has.
 */
export async function connectLanguageModel(
  settings: ProviderSettings,
  model: string,
  fetch: typeof globalThis.fetch,
): Promise<LanguageModel> {
  const options = {
    apiKey: settings.apiKey ?? '',
    fetch,
    ...(settings.baseUrl !== null && { baseURL: settings.baseUrl }),
  }
  switch (settings.kind) {
    case 'anthropic': {
      const { createAnthropic } = await import('@ai-sdk/anthropic')
      return createAnthropic(options)(model)
    }
    case 'openai': {
      const { createOpenAI } = await import('@ai-sdk/openai')
      return createOpenAI(options).responses(model)
    }
    case 'google': {
      const { createGoogle } = await import('@ai-sdk/google')
      return createGoogle(options)(model)
    }
    case 'xai': {
      const { createXai } = await import('@ai-sdk/xai')
      return createXai(options).responses(model)
    }
    case 'deepseek': {
      const { createDeepSeek } = await import('@ai-sdk/deepseek')
      return createDeepSeek(options)(model)
    }
    case 'moonshotai': {
      const { createMoonshotAI } = await import('@ai-sdk/moonshotai')
      return createMoonshotAI(options)(model)
    }
    case 'openai-compatible': {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible')
      if (settings.baseUrl === null) throw new Error(`the provider ${settings.name} has no base URL`)
      const key = settings.apiKey === null ? {} : { apiKey: settings.apiKey }
      const provider = { name: settings.name, baseURL: settings.baseUrl, fetch, includeUsage: true, ...key }
      return createOpenAICompatible(provider).chatModel(model)
    }
  }
}
