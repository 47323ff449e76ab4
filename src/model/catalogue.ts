import type { JsonObject } from '../domain/json.ts'
import type { ModelProvider } from './model.ts'
import type { TokenPrice } from './token-price.ts'

/** The kinds of providers. `openai` is the Responses API, `openai-compatible` is Chat Completions at any base URL. */
export const remoteKinds = [
  'anthropic',
  'openai',
  'openai-compatible',
  'google',
  'xai',
  'deepseek',
  'moonshotai',
] as const
/** The kind of a provider. */
export type RemoteKind = (typeof remoteKinds)[number]

/** A provider in the catalogue. */
export interface ProviderLine {
  readonly name: string
  readonly kind: RemoteKind | 'demo'
  /** The base URL, or null for the provider's own. */
  readonly baseUrl: string | null
  readonly baseUrlVariable: string | null
  /** The environment variable with the key, or null where none is needed. */
  readonly keyVariable: string | null
  /**
   * The default model: a name of the catalogue or the provider's own id. With null, a request for the provider alone is
   * refused.
   */
  readonly defaultModel: string | null
  /** The provider's name in the price table, or null where the table does not know it. */
  readonly pricedAs: string | null
  /** The price of its models that have no price of their own. */
  readonly price: TokenPrice | null
}

/** A model in the catalogue. */
export interface ModelLine {
  readonly name: string
  readonly provider: string
  /** The provider's own id of the model. */
  readonly model: string
  readonly options: JsonObject
  /** The price, or null for the provider's or else the price table's. */
  readonly price: TokenPrice | null
}

/** Providers and models by name. */
export interface Catalogue {
  readonly providers: readonly ProviderLine[]
  readonly models: readonly ModelLine[]
  /** The default that the operator configured, or null. */
  readonly default: { readonly provider: string | null; readonly model: string | null } | null
}

/** The settings that an implementation needs to call a provider. */
export interface ProviderSettings {
  readonly name: string
  readonly kind: RemoteKind
  readonly baseUrl: string | null
  readonly apiKey: string | null
}
/** Creates an implementation for a provider. */
export type ConnectProvider = (settings: ProviderSettings) => ModelProvider

/** The name that stands for no choice of a model. */
export const autoModel = 'auto'
/** The provider of the demonstration model. */
export const demoProvider = 'demo'

/**
 * The built-in providers. Their order decides which is the default when several keys are set and the operator chose
 * none.
 */
const builtInProviders: readonly ProviderLine[] = [
  provider('anthropic', 'anthropic', 'ANTHROPIC', 'sonnet-4.6'),
  provider('openai', 'openai', 'OPENAI', 'gpt-5.5-high'),
  provider('google', 'google', 'GOOGLE_GENERATIVE_AI', 'gemini-3-pro'),
  { ...provider('xai', 'xai', 'XAI', 'grok-4.3-high'), pricedAs: 'x-ai' },
  provider('deepseek', 'deepseek', 'DEEPSEEK', 'deepseek-v4-pro-high'),
  provider('moonshotai', 'moonshotai', 'MOONSHOT', 'kimi-k2.6'),
  { ...provider('zai', 'openai-compatible', 'ZAI', 'glm-5.1'), baseUrl: 'https://api.z.ai/api/paas/v4' },
  {
    name: demoProvider,
    kind: 'demo',
    baseUrl: null,
    baseUrlVariable: null,
    keyVariable: null,
    defaultModel: 'demo',
    pricedAs: null,
    price: { inputMicrosUsdPerMillionTokens: 0, outputMicrosUsdPerMillionTokens: 0 },
  },
]

const high: JsonObject = { reasoningEffort: 'high' }
const xhigh: JsonObject = { reasoningEffort: 'xhigh' }
const low: JsonObject = { reasoningEffort: 'low' }

/** The built-in models: the seventeen names that Neo's create-task page lists beside `auto`, and `demo`. */
const builtInModels: readonly ModelLine[] = [
  model('opus-4.8', 'anthropic', 'claude-opus-4-8'),
  model('opus-4.7', 'anthropic', 'claude-opus-4-7'),
  model('opus-4.6', 'anthropic', 'claude-opus-4-6'),
  model('sonnet-4.6', 'anthropic', 'claude-sonnet-4-6'),
  model('haiku-4.5', 'anthropic', 'claude-haiku-4-5'),
  model('gpt-5.5-high', 'openai', 'gpt-5.5', high),
  model('gpt-5.4-xhigh', 'openai', 'gpt-5.4', xhigh),
  model('gpt-5.4-high', 'openai', 'gpt-5.4', high),
  model('gpt-5.3-codex-high', 'openai', 'gpt-5.3-codex', high),
  model('gemini-3-pro', 'google', 'gemini-3-pro-preview'),
  model('gemini-3-flash', 'google', 'gemini-3-flash-preview'),
  model('grok-4.3-high', 'xai', 'grok-4.3', high),
  model('grok-4.3-fast', 'xai', 'grok-4.3', low),
  model('kimi-k2.6', 'moonshotai', 'kimi-k2.6'),
  // The price table does not list these two at this address.
  model('glm-5', 'zai', 'glm-5', {}, glmPrice(1_000_000, 200_000, 3_200_000)),
  model('glm-5.1', 'zai', 'glm-5.1', {}, glmPrice(1_400_000, 260_000, 4_400_000)),
  model('deepseek-v4-pro-high', 'deepseek', 'deepseek-v4-pro', high),
  model('demo', demoProvider, 'demo'),
]

/** The catalogue of a server without a models file. */
export const builtInCatalogue: Catalogue = { providers: builtInProviders, models: builtInModels, default: null }

/** The catalogue with the operator's lines. A line replaces the built-in one of the same name. */
export function extendCatalogue(base: Catalogue, extension: Catalogue): Catalogue {
  return {
    providers: replaceByName(base.providers, extension.providers),
    models: replaceByName(base.models, extension.models),
    default: extension.default ?? base.default,
  }
}

function replaceByName<Line extends { readonly name: string }>(
  base: readonly Line[],
  extension: readonly Line[],
): Line[] {
  const replaced = new Set(extension.map((line) => line.name))
  return [...base.filter((line) => !replaced.has(line.name)), ...extension]
}

function provider(name: string, kind: RemoteKind, variable: string, defaultModel: string): ProviderLine {
  return {
    name,
    kind,
    baseUrl: null,
    baseUrlVariable: `${variable}_BASE_URL`,
    keyVariable: `${variable}_API_KEY`,
    defaultModel,
    pricedAs: name,
    price: null,
  }
}

function model(
  name: string,
  providerName: string,
  id: string,
  options: JsonObject = {},
  price: TokenPrice | null = null,
): ModelLine {
  return { name, provider: providerName, model: id, options, price }
}

function glmPrice(input: number, cacheRead: number, output: number): TokenPrice {
  return {
    inputMicrosUsdPerMillionTokens: input,
    cacheReadMicrosUsdPerMillionTokens: cacheRead,
    outputMicrosUsdPerMillionTokens: output,
  }
}
