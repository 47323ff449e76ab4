import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JsonValue } from '../domain/json.ts'
import { Refusal } from '../domain/refusal.ts'
import { parseCatalogueExtension } from './parse-catalogue-extension.ts'

function badFields(json: JsonValue): Record<string, string> {
  try {
    parseCatalogueExtension(json)
  } catch (error) {
    if (error instanceof Refusal && error.code === 'invalid_input') {
      return Object.fromEntries(error.fields.map(({ field, message }) => [field, message]))
    }
    throw error
  }
  return {}
}

describe('parseCatalogueExtension', () => {
  test('reads providers, models, prices and the default', () => {
    const json: JsonValue = {
      providers: [
        { name: 'gw', kind: 'anthropic', base_url: 'https://gw.test/v1', api_key_env: 'GW_KEY', default_model: 'm1' },
      ],
      models: [
        {
          name: 'm1',
          provider: 'gw',
          model: 'big',
          price: {
            input_micros_usd_per_million_tokens: 1,
            output_micros_usd_per_million_tokens: 2,
            cache_read_micros_usd_per_million_tokens: 0,
          },
        },
      ],
      default: { model: 'm1' },
    }
    expect(parseCatalogueExtension(json)).toEqual({
      providers: [
        {
          name: 'gw',
          kind: 'anthropic',
          baseUrl: 'https://gw.test/v1',
          baseUrlVariable: null,
          keyVariable: 'GW_KEY',
          defaultModel: 'm1',
          pricedAs: 'gw',
          price: null,
        },
      ],
      models: [
        {
          name: 'm1',
          provider: 'gw',
          model: 'big',
          options: {},
          price: {
            inputMicrosUsdPerMillionTokens: 1,
            outputMicrosUsdPerMillionTokens: 2,
            cacheReadMicrosUsdPerMillionTokens: 0,
          },
        },
      ],
      default: { provider: null, model: 'm1' },
    })
    expect(parseCatalogueExtension({})).toEqual({ providers: [], models: [], default: null })
  })

  test('names every bad field at once', () => {
    const json: JsonValue = {
      modles: [],
      providers: [
        { name: 'demo', kind: 'ollama', base_url: 'ftp://x', price: { input_micros_usd_per_million_tokens: 0.5 } },
        { name: 'v', kind: 'openai-compatible' },
      ],
      models: [{ name: 'auto', provider: 'nobody', model: '' }, 7],
    }
    const bad = badFields(json)
    expect(Object.keys(bad).sort()).toEqual([
      'models[0].model',
      'models[0].name',
      'models[0].provider',
      'models[1]',
      'models[1].model',
      'models[1].name',
      'models[1].provider',
      'modles',
      'providers[0].base_url',
      'providers[0].kind',
      'providers[0].name',
      'providers[0].price.input_micros_usd_per_million_tokens',
      'providers[0].price.output_micros_usd_per_million_tokens',
      'providers[1].base_url',
    ])
    expect(bad['modles']).toContain('models, providers, default')
    expect(bad['providers[0].kind']).toContain('openai-compatible')
  })

  test('refuses the same name twice', () => {
    const line = { name: 'x', provider: 'openai', model: 'y' }
    expect(badFields({ models: [line, line] })).toEqual({ 'models[1].name': '"x" is already there' })
  })

  test('reads or refuses any JSON, and does nothing else', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (json, inner) => {
        badFields(json as JsonValue)
        badFields({ models: [inner as JsonValue], providers: [inner as JsonValue], default: inner as JsonValue })
      }),
    )
  })
})
