import { nearestWord } from '../domain/nearest-word.ts'
import { Refusal } from '../domain/refusal.ts'
import type { ModelChoice } from '../domain/task.ts'
import {
  autoModel,
  builtInCatalogue,
  type Catalogue,
  type ConnectProvider,
  demoProvider,
  extendCatalogue,
  type ModelLine,
  type ProviderLine,
} from './catalogue.ts'
import {
  type CatalogueEntry,
  type ModelCall,
  ModelError,
  type ModelPreference,
  type ModelProvider,
  type Models,
} from './model.ts'
import { createModelPricing } from './model-pricing.ts'
import type { PriceTable } from './token-price.ts'

/** The dependencies of the models. */
export interface ModelsDeps {
  /**
   * The process's settings: keys, base URLs, `MANDATE_MODEL`, `MANDATE_PROVIDER`. They are read when needed and never
   * logged.
   */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The parsed models file of the operator, or null without one. */
  readonly extension: Catalogue | null
  readonly demo: ModelProvider
  /** Creates a provider that is called over the network. It is called once per provider, at its first use. */
  readonly connect: ConnectProvider
  readonly priceTable: PriceTable
  /** The current instant in epoch milliseconds, since prices change with time. */
  readonly now: () => number
}

/**
 * The models of this server: the built-in catalogue and its extension. Nothing is loaded or connected before it is
 * needed. A choice of the `demo` provider needs neither a key nor the price table.
 */
export function createModels(deps: ModelsDeps): Models {
  const catalogue = deps.extension === null ? builtInCatalogue : extendCatalogue(builtInCatalogue, deps.extension)
  const pricing = createModelPricing(catalogue, deps.priceTable, deps.now)
  const connected = new Map<string, ModelProvider>()
  const setting = (variable: string | null) => (variable === null ? '' : (deps.env[variable]?.trim() ?? ''))
  const keyMissing = (line: ProviderLine) => line.keyVariable !== null && setting(line.keyVariable) === ''

  function defaultPreference(): ModelPreference {
    const configured = { model: setting('MANDATE_MODEL'), provider: setting('MANDATE_PROVIDER') }
    if (asksForSomething(configured)) return configured
    if (catalogue.default !== null && asksForSomething(catalogue.default)) return catalogue.default
    const keyed = catalogue.providers.find((line) => line.keyVariable !== null && !keyMissing(line))
    return { provider: keyed?.name ?? 'demo' }
  }

  function choose(preferences: readonly ModelPreference[]): ModelChoice {
    const first = preferences.findIndex(asksForSomething)
    const preference = preferences[first] ?? defaultPreference()
    if (!preference.ofDefaultProvider || asked(preference.provider) || !asked(preference.model))
      return chooseModel(catalogue, preference)
    const { provider } = chooseModel(
      catalogue,
      preferences.slice(first + 1).find(asksForSomething) ?? defaultPreference(),
    )
    return chooseAt(provider, preference.model.trim())
  }

  /** A choice of a provider's own model, or of one of its models by the catalogue's name. */
  function chooseAt(provider: string, model: string): ModelChoice {
    const named = catalogue.models.find((line) => line.provider === provider && line.name === model)
    if (named !== undefined) return choiceOf(named)
    if (hasModel(provider, model)) return { provider, model, name: null, options: {} }
    const others = catalogue.providers.filter(({ name }) => hasModel(name, model)).map(({ name }) => name)
    throw lackingRefusal(provider, model, others)
  }

  /** Whether the provider has the model: one with a line or a price. The demonstration has only its own. */
  function hasModel(provider: string, model: string): boolean {
    const lines = catalogue.models.filter((line) => line.provider === provider)
    if (lines.some((line) => line.model === model || line.name === model)) return true
    return provider !== demoProvider && pricing.priced({ provider, model, name: null, options: {} })
  }

  function resolve(preferences: readonly ModelPreference[], ownKey = false): ModelChoice {
    const choice = choose(preferences)
    const line = providerNamed(catalogue, choice.provider)
    if (keyMissing(line) && !ownKey) throw keyRefusal(line, choice)
    if (!pricing.priced(choice)) throw priceRefusal(choice)
    return choice
  }

  function connection({ choice, apiKey }: ModelCall): ModelProvider {
    const line = catalogue.providers.find((candidate) => candidate.name === choice.provider)
    if (line === undefined) throw providerGone(choice.provider)
    if (line.kind === 'demo') return deps.demo
    const settings = { name: line.name, kind: line.kind, baseUrl: setting(line.baseUrlVariable) || line.baseUrl }
    // A provider with a caller's own key is not cached, since that key lives as long as its call.
    if (apiKey !== undefined) return deps.connect({ ...settings, apiKey })
    if (keyMissing(line)) throw keyGone(line)
    const existing = connected.get(line.name)
    if (existing !== undefined) return existing
    const made = deps.connect({ ...settings, apiKey: setting(line.keyVariable) || null })
    connected.set(line.name, made)
    return made
  }

  return {
    resolve,
    list: () => listEntries(catalogue, resolve),
    priceMicrosUsd: async (choice, usage) => pricing.priceMicrosUsd(choice, usage),
    // The stream is returned itself, since a generator around it would cost every token a turn.
    stream(call) {
      try {
        return connection(call).stream(call)
      } catch (error) {
        return failing(error)
      }
    },
  }
}

// biome-ignore lint/correctness/useYield: a stream that breaks before its first part
async function* failing(error: unknown): ReturnType<ModelProvider['stream']> {
  throw error
}

function asked(word: string | null | undefined): word is string {
  return word !== undefined && word !== null && word.trim() !== '' && word.trim() !== autoModel
}

function asksForSomething(preference: ModelPreference): boolean {
  return asked(preference.model) || asked(preference.provider)
}

function chooseModel(catalogue: Catalogue, preference: ModelPreference): ModelChoice {
  const model = asked(preference.model) ? preference.model.trim() : null
  if (!asked(preference.provider))
    return model === null ? chooseDefault(catalogue, 'demo') : chooseNamed(catalogue, model)
  const provider = preference.provider.trim()
  if (model === null) return chooseDefault(catalogue, provider)
  return { provider: providerNamed(catalogue, provider).name, model, name: null, options: {} }
}

function chooseNamed(catalogue: Catalogue, name: string): ModelChoice {
  const line = catalogue.models.find((candidate) => candidate.name === name)
  if (line !== undefined) return choiceOf(line)
  const known = catalogue.models.map((candidate) => candidate.name)
  const names = [autoModel, ...known].join(', ')
  const sentence = `There is no model ${quoted(name)}.${suggestionOf(name, known)} Give one of: ${names}; or a provider together with its own name of a model.`
  throw new Refusal('model_unknown', sentence, { fields: [{ field: 'model', message: `must be one of: ${names}` }] })
}

function chooseDefault(catalogue: Catalogue, provider: string): ModelChoice {
  const { defaultModel } = providerNamed(catalogue, provider)
  const own = catalogue.models.filter((line) => line.provider === provider)
  const line = defaultModel === null ? own[0] : own.find((candidate) => candidate.name === defaultModel)
  if (line !== undefined) return choiceOf(line)
  if (defaultModel !== null) return { provider, model: defaultModel, name: null, options: {} }
  const sentence = `The provider ${quoted(provider)} has no default model: give a model as well.`
  throw new Refusal('model_unknown', sentence, {
    fields: [{ field: 'model', message: 'is needed with this provider' }],
  })
}

function choiceOf(line: ModelLine): ModelChoice {
  return { provider: line.provider, model: line.model, name: line.name, options: line.options }
}

function providerNamed(catalogue: Catalogue, name: string): ProviderLine {
  const line = catalogue.providers.find((candidate) => candidate.name === name)
  if (line !== undefined) return line
  const known = catalogue.providers.map((candidate) => candidate.name)
  const names = known.join(', ')
  const sentence = `There is no provider ${quoted(name)}.${suggestionOf(name, known)} Give one of: ${names}.`
  throw new Refusal('model_unknown', sentence, {
    fields: [{ field: 'provider', message: `must be one of: ${names}` }],
  })
}

function suggestionOf(typed: string, known: readonly string[]): string {
  const meant = nearestWord(typed, known)
  return meant === undefined ? '' : ` Did you mean ${quoted(meant)}?`
}

function listEntries(catalogue: Catalogue, resolve: Models['resolve']): CatalogueEntry[] {
  const chosen = attempt(() => resolve([]))
  const standard = 'refusal' in chosen ? null : chosen.choice
  const entries = catalogue.models.map((line): CatalogueEntry => {
    const outcome = attempt(() => resolve([{ model: line.name }]))
    return {
      name: line.name,
      provider: line.provider,
      model: line.model,
      available: !('refusal' in outcome),
      unavailableReason: 'refusal' in outcome ? outcome.refusal.message : null,
      default: line.name === standard?.name,
    }
  })
  const auto: CatalogueEntry = {
    name: autoModel,
    provider: standard?.provider ?? '',
    model: standard?.model ?? '',
    available: standard !== null,
    unavailableReason: 'refusal' in chosen ? chosen.refusal.message : null,
    default: false,
  }
  return [auto, ...entries]
}

function attempt(resolve: () => ModelChoice): { choice: ModelChoice } | { refusal: Refusal } {
  try {
    return { choice: resolve() }
  } catch (error) {
    if (error instanceof Refusal) return { refusal: error }
    throw error
  }
}

function keyRefusal(line: ProviderLine, choice: ModelChoice): Refusal {
  const sentence = `The model ${quoted(choice.name ?? choice.model)} needs a key of the provider ${quoted(line.name)}: set ${line.keyVariable} in the server's environment and start it again.`
  return new Refusal('model_key_missing', sentence)
}

function lackingRefusal(provider: string, model: string, others: readonly string[]): Refusal {
  const where =
    others.length === 0 ? 'No provider of this server has it.' : `Name a provider that has it: ${others.join(', ')}.`
  const sentence = `The default provider, ${provider}, has no model ${quoted(model)} with a known price. ${where}`
  const message = others.length === 0 ? 'is had by no provider of this server' : `is had by: ${others.join(', ')}`
  return new Refusal('model_unknown', sentence, { fields: [{ field: 'model', message }] })
}

function priceRefusal(choice: ModelChoice): Refusal {
  const sentence = `The price of ${quoted(choice.model)} of the provider ${quoted(choice.provider)} is not known, so its cost could not be counted: give it a price in the file that MANDATE_MODELS names.`
  return new Refusal('model_unpriced', sentence)
}

/** The error for a provider that was removed from the configuration after the run was queued. */
function providerGone(provider: string): ModelError {
  const sentence = `The provider ${quoted(provider)} is no longer configured on this server.`
  return new ModelError('request_refused', sentence, { retryable: false, configuration: true })
}

function keyGone(line: ProviderLine): ModelError {
  const sentence = `The provider ${quoted(line.name)} needs a key: ${line.keyVariable} is no longer set in the server's environment.`
  return new ModelError('credential_refused', sentence, { retryable: false, configuration: true })
}

function quoted(word: string): string {
  return `"${word.length > 80 ? `${word.slice(0, 80)}…` : word}"`
}
