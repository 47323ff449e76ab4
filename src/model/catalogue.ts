import type { JsonObject } from '../domain/json.ts'
import type { ModelProvider } from './model.ts'
import type { TokenPrice } from './token-price.ts'

/** How a provider is spoken to. `openai` is the Responses API, `openai-compatible` is Chat Completions at any base URL. */
export const remoteKinds = [
  'anthropic',
  'openai',
  'openai-compatible',
  'google',
  'xai',
  'deepseek',
  'moonshotai',
] as const
export type RemoteKind = (typeof remoteKinds)[number]

export interface ProviderLine {
  readonly name: string
  readonly kind: RemoteKind | 'demo'
  /** Null: the provider's own. */
  readonly baseUrl: string | null
  readonly baseUrlVariable: string | null
  /** Null: no key is needed. */
  readonly keyVariable: string | null
  /** A name of the catalogue, or else the provider's own id of a model. Null: asking for the provider alone is refused. */
  readonly defaultModel: string | null
  /** What the price table calls it; null where the table does not know it. */
  readonly pricedAs: string | null
  /** The price of its models that have none of their own. */
  readonly price: TokenPrice | null
}

export interface ModelLine {
  readonly name: string
  readonly provider: string
  /** The provider's own id. */
  readonly model: string
  readonly options: JsonObject
  /** Null: the provider's, else the price table's. */
  readonly price: TokenPrice | null
}

export interface Catalogue {
  readonly providers: readonly ProviderLine[]
  readonly models: readonly ModelLine[]
  /** What the operator configured as the default; null where nothing was said. */
  readonly default: { readonly provider: string | null; readonly model: string | null } | null
}

/** What an implementation needs in order to speak to a provider. */
export interface ProviderSettings {
  readonly name: string
  readonly kind: RemoteKind
  readonly baseUrl: string | null
  readonly apiKey: string | null
}
export type ConnectProvider = (settings: ProviderSettings) => ModelProvider

/** Wherever a model's name is asked for, it means: nothing is asked for. */
export const autoModel = 'auto'
export const demoProvider = 'demo'

/** The order decides which provider is the default when several keys are set and the operator said nothing. */
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

/** The seventeen names that Neo's create-task page lists beside `auto`, and `demo`. */
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

export const builtInCatalogue: Catalogue = { providers: builtInProviders, models: builtInModels, default: null }

/** The catalogue with what the operator configured: a line of the same name takes the place of the built-in one. */
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
