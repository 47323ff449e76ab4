import { describe, expect, test } from 'vitest'
import type { JsonValue } from '../domain/json.ts'
import { isRefusal, type RefusalCode } from '../domain/refusal.ts'
import { noUsage } from '../domain/usage.ts'
import type { ProviderSettings } from './catalogue.ts'
import { createModels } from './create-models.ts'
import type { ModelCall, ModelPreference, ModelProvider } from './model.ts'
import { parseCatalogueExtension } from './parse-catalogue-extension.ts'
import type { PriceTable } from './token-price.ts'

const keys = { ANTHROPIC_API_KEY: 'a-key', OPENAI_API_KEY: 'o-key' }
const ollama: JsonValue = {
  providers: [{ name: 'ollama', kind: 'openai-compatible', base_url: 'http://127.0.0.1:11434/v1' }],
  models: [
    {
      name: 'llama',
      provider: 'ollama',
      model: 'llama3.2',
      options: { reasoningEffort: 'low' },
      price: { input_micros_usd_per_million_tokens: 0, output_micros_usd_per_million_tokens: 2_000_000 },
    },
  ],
}

function answering(text: string): ModelProvider {
  return {
    async *stream() {
      yield { kind: 'text', text }
      return { text, reasoning: '', toolCalls: [], finish: 'stop', usage: noUsage, messages: null }
    },
  }
}

function build(env: Record<string, string> = {}, extension: JsonValue | null = null) {
  const connected: ProviderSettings[] = []
  const priced: string[] = []
  const priceTable: PriceTable = ({ provider, model, usage }) => {
    priced.push(`${provider}/${model}`)
    return model.includes('unpriced') ? undefined : usage.inputTokens * 2
  }
  const models = createModels({
    env,
    extension: extension === null ? null : parseCatalogueExtension(extension),
    demo: answering('demo'),
    connect: (settings) => {
      connected.push(settings)
      return answering(settings.name)
    },
    priceTable,
    now: () => 0,
  })
  return { models, connected, priced, resolve: (...preferences: ModelPreference[]) => models.resolve(preferences) }
}

function refusalOf(action: () => unknown, code: RefusalCode): string {
  try {
    action()
  } catch (error) {
    if (isRefusal(error, code)) return error.message
    throw error
  }
  throw new Error('was not refused')
}

describe('resolve', () => {
  test('takes the first preference that asks for something', () => {
    const { resolve } = build(keys)
    const nothing = [
      {},
      { model: '' },
      { model: 'auto' },
      { model: null, provider: null },
      { model: ' ', provider: 'auto' },
    ]
    expect(resolve(...nothing, { model: 'opus-4.8' }, { model: 'gpt-5.4-high' })).toEqual({
      provider: 'anthropic',
      model: 'claude-opus-4-8',
      name: 'opus-4.8',
      options: {},
    })
  })

  test('adds the options of the catalogue', () => {
    expect(build(keys).resolve({ model: 'gpt-5.4-xhigh' })).toEqual({
      provider: 'openai',
      model: 'gpt-5.4',
      name: 'gpt-5.4-xhigh',
      options: { reasoningEffort: 'xhigh' },
    })
  })

  test('takes a provider alone as its default model', () => {
    const { resolve } = build(keys)
    expect(resolve({ provider: 'anthropic' }).name).toBe('sonnet-4.6')
    expect(resolve({ provider: 'openai', model: 'auto' }).name).toBe('gpt-5.5-high')
    expect(resolve({ provider: 'demo' })).toEqual({ provider: 'demo', model: 'demo', name: 'demo', options: {} })
  })

  test('passes provider and model together verbatim', () => {
    const choice = { provider: 'openai', model: 'opus-4.8', name: null, options: {} }
    expect(build(keys).resolve({ provider: 'openai', model: 'opus-4.8' })).toEqual(choice)
  })

  test('falls to what the operator set, then to the first provider with a key, then to the demo', () => {
    const standard = { default: { provider: 'openai', model: 'gpt-6' } }
    expect(build({ ...keys, MANDATE_MODEL: 'opus-4.7' }, standard).resolve().name).toBe('opus-4.7')
    expect(build({ ...keys, MANDATE_PROVIDER: 'openai' }).resolve().name).toBe('gpt-5.5-high')
    expect(build({ ...keys, MANDATE_PROVIDER: 'openai', MANDATE_MODEL: 'gpt-x' }).resolve().model).toBe('gpt-x')
    expect(build({ ...keys, MANDATE_MODEL: 'auto' }, standard).resolve().model).toBe('gpt-6')
    expect(build(keys).resolve().provider).toBe('anthropic')
    expect(build({ OPENAI_API_KEY: 'k', ANTHROPIC_API_KEY: ' ' }).resolve().provider).toBe('openai')
    expect(build().resolve().provider).toBe('demo')
  })

  test('takes a model without a provider for one of the default provider, where that is asked for', () => {
    const { resolve } = build(keys)
    const of = (model: string, ...rest: ModelPreference[]) => resolve({ model, ofDefaultProvider: true }, ...rest)
    expect(of('gpt-4o-mini')).toEqual({ provider: 'anthropic', model: 'gpt-4o-mini', name: null, options: {} })
    expect(of('gpt-4o-mini', { provider: 'openai' })).toMatchObject({ provider: 'openai', model: 'gpt-4o-mini' })
    expect(of('gpt-4o-mini', { model: 'gpt-5.5-high' })).toMatchObject({ provider: 'openai', model: 'gpt-4o-mini' })
    expect(of('gpt-5.5-high', {}, { provider: 'openai' })).toMatchObject({ name: 'gpt-5.5-high', model: 'gpt-5.5' })
    expect(of('sonnet-4.6')).toMatchObject({ provider: 'anthropic', name: 'sonnet-4.6' })
    expect(of('auto', { provider: 'openai' })).toMatchObject({ provider: 'openai', name: 'gpt-5.5-high' })
    const withProvider: ModelPreference = { provider: 'openai', model: 'gpt-4o-mini', ofDefaultProvider: true }
    expect(resolve(withProvider)).toMatchObject({ provider: 'openai', model: 'gpt-4o-mini' })
  })

  test('refuses a model that the default provider lacks or nobody can price there, and names the providers that have it', () => {
    const { resolve } = build({}, ollama)
    const of = (model: string) => refusalOf(() => resolve({ model, ofDefaultProvider: true }), 'model_unknown')
    expect(of('llama3.2')).toContain('The default provider, demo, has no model "llama3.2" with a known price.')
    expect(of('llama3.2')).toMatch(/Name a provider that has it: .*\bollama\b/u)
    expect(of('an-unpriced-one')).toContain('No provider of this server has it.')
    expect(of('sonnet-4.6')).toMatch(/Name a provider that has it: anthropic/u)
    const local = build({ MANDATE_PROVIDER: 'ollama' }, ollama)
    expect(local.resolve({ model: 'llama3.2', ofDefaultProvider: true })).toMatchObject({ provider: 'ollama' })
    expect(local.resolve({ model: 'llama', ofDefaultProvider: true })).toMatchObject({ name: 'llama' })
    const other = () => local.resolve({ model: 'an-unpriced-one', ofDefaultProvider: true })
    expect(refusalOf(other, 'model_unknown')).toContain('The default provider, ollama, has no model')
  })

  test('refuses a name that is not in the catalogue, and lists what is', () => {
    const { resolve } = build(keys)
    expect(refusalOf(() => resolve({ model: 'gpt-2' }), 'model_unknown')).toMatch(/"gpt-2".*auto, opus-4\.8, .*, demo/)
    expect(refusalOf(() => resolve({ model: 'claude-opus-4-8' }), 'model_unknown')).toContain('opus-4.8')
    expect(refusalOf(() => resolve({ provider: 'acme', model: 'x' }), 'model_unknown')).toMatch(
      /"acme".*anthropic, openai/,
    )
  })

  test('refuses a model whose key is missing, and names the variable', () => {
    const { resolve, priced } = build()
    expect(refusalOf(() => resolve({ model: 'opus-4.8' }), 'model_key_missing')).toContain('ANTHROPIC_API_KEY')
    expect(refusalOf(() => resolve({ model: 'glm-5' }), 'model_key_missing')).toContain('ZAI_API_KEY')
    expect(refusalOf(() => resolve({ provider: 'google', model: 'x' }), 'model_key_missing')).toContain(
      'GOOGLE_GENERATIVE_AI_API_KEY',
    )
    expect(priced).toEqual([])
  })

  test('refuses a model that nobody can price', () => {
    const { resolve } = build(keys, {
      providers: [{ name: 'vllm', kind: 'openai-compatible', base_url: 'http://x.test/v1' }],
    })
    expect(refusalOf(() => resolve({ provider: 'openai', model: 'unpriced-1' }), 'model_unpriced')).toContain(
      'MANDATE_MODELS',
    )
    expect(refusalOf(() => resolve({ provider: 'vllm', model: 'unpriced-2' }), 'model_unpriced')).toContain('vllm')
    expect(refusalOf(() => resolve({ provider: 'vllm' }), 'model_unknown')).toContain('no default model')
  })

  test('needs neither key nor price table for the demo', () => {
    const { resolve, priced } = build()
    resolve()
    resolve({ model: 'demo' })
    expect(priced).toEqual([])
  })

  test('takes models, providers and prices of the extension', async () => {
    const { resolve, models, priced } = build({}, ollama)
    const choice = resolve({ model: 'llama' })
    expect(choice).toEqual({
      provider: 'ollama',
      model: 'llama3.2',
      name: 'llama',
      options: { reasoningEffort: 'low' },
    })
    expect(resolve({ provider: 'ollama' })).toEqual(choice)
    expect(await models.priceMicrosUsd(choice, { ...noUsage, inputTokens: 5, outputTokens: 3 })).toBe(6)
    const verbatim = resolve({ provider: 'ollama', model: 'llama3.2' })
    expect(await models.priceMicrosUsd(verbatim, { ...noUsage, outputTokens: 1 })).toBe(2)
    expect(priced).toEqual([])
  })
})

describe('list', () => {
  test('has the eighteen names and the demo, saying which can be used now and why not', () => {
    const entries = build({ ANTHROPIC_API_KEY: 'k' }).models.list()
    expect(entries.map((entry) => entry.name)).toHaveLength(19)
    expect(entries[0]).toMatchObject({
      name: 'auto',
      provider: 'anthropic',
      model: 'claude-sonnet-4-6',
      available: true,
    })
    expect(entries.find((entry) => entry.name === 'opus-4.8')).toMatchObject({ available: true, default: false })
    expect(entries.filter((entry) => entry.default).map((entry) => entry.name)).toEqual(['sonnet-4.6'])
    const grok = entries.find((entry) => entry.name === 'grok-4.3-fast')
    expect(grok?.available).toBe(false)
    expect(grok?.unavailableReason).toContain('XAI_API_KEY')
  })

  test('says so when the operator’s default cannot be used', () => {
    const [auto] = build({ MANDATE_MODEL: 'opus-4.8' }).models.list()
    expect(auto).toMatchObject({ name: 'auto', available: false })
    expect(auto?.unavailableReason).toContain('ANTHROPIC_API_KEY')
  })
})

describe('stream', () => {
  const call = (provider: string): ModelCall => ({
    choice: { provider, model: 'm', name: null, options: {} },
    instructions: null,
    messages: [],
    tools: [],
    outputTokensMax: null,
    timeouts: { firstByteMs: 1, idleMs: 1, totalMs: 1 },
    signal: new AbortController().signal,
  })

  test('connects a provider once, with its key and base URL', async () => {
    const { models, connected } = build({ ...keys, OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' }, ollama)
    for (const provider of ['openai', 'openai', 'ollama', 'demo']) {
      expect((await models.stream(call(provider)).next()).value).toEqual({ kind: 'text', text: provider })
    }
    expect(connected).toEqual([
      { name: 'openai', kind: 'openai', baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'o-key' },
      { name: 'ollama', kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:11434/v1', apiKey: null },
    ])
  })

  test('fails as a matter of configuration when provider or key are gone since the run was queued', async () => {
    const { models } = build()
    await expect(models.stream(call('gone')).next()).rejects.toMatchObject({
      code: 'request_refused',
      configuration: true,
    })
    const missing = models.stream(call('anthropic')).next()
    await expect(missing).rejects.toMatchObject({ code: 'credential_refused', configuration: true, retryable: false })
  })
})
