import type { JsonObject, JsonValue } from '../domain/json.ts'
import { type FieldError, Refusal } from '../domain/refusal.ts'
import {
  autoModel,
  builtInCatalogue,
  type Catalogue,
  demoProvider,
  type ModelLine,
  type ProviderLine,
  remoteKinds,
} from './catalogue.ts'
import type { TokenPrice } from './token-price.ts'

/**
 * Parses the operator's models file: `{ models?, providers?, default? }`. Refuses `invalid_input`, naming every invalid
 * field and what is allowed there. An unknown field is refused, since it usually is a misspelt one.
 */
export function parseCatalogueExtension(json: JsonValue): Catalogue {
  const reader = new FieldReader()
  const root = reader.object('', json, ['models', 'providers', 'default'])
  const providers = reader
    .array('providers', root['providers'])
    .map((item, at) => readProvider(reader, `providers[${at}]`, item))
  const known = new Set([...builtInCatalogue.providers, ...providers].map((line) => line.name))
  const models = reader
    .array('models', root['models'])
    .map((item, at) => readModel(reader, `models[${at}]`, item, known))
  reader.unique('providers', providers)
  reader.unique('models', models)
  const standard = root['default'] === undefined ? null : readDefault(reader, root['default'])
  reader.finish()
  return { providers, models, default: standard }
}

function readProvider(reader: FieldReader, at: string, json: JsonValue): ProviderLine {
  const line = reader.object(at, json, ['name', 'kind', 'base_url', 'api_key_env', 'default_model', 'price'])
  const name = reader.text(`${at}.name`, line['name'])
  if (name === demoProvider || name === autoModel) reader.bad(`${at}.name`, `must not be "${name}"`)
  const kindText = reader.text(`${at}.kind`, line['kind'])
  const kind = remoteKinds.find((candidate) => candidate === kindText)
  if (kind === undefined) reader.bad(`${at}.kind`, `must be one of: ${remoteKinds.join(', ')}`)
  const baseUrl = reader.optionalText(`${at}.base_url`, line['base_url'])
  if (baseUrl !== null && !isHttpUrl(baseUrl)) reader.bad(`${at}.base_url`, 'must be an http or https URL')
  if (baseUrl === null && kind === 'openai-compatible') reader.bad(`${at}.base_url`, 'is needed for this kind')
  return {
    name,
    kind: kind ?? 'openai-compatible',
    baseUrl,
    baseUrlVariable: null,
    keyVariable: reader.optionalText(`${at}.api_key_env`, line['api_key_env']),
    defaultModel: reader.optionalText(`${at}.default_model`, line['default_model']),
    pricedAs: name,
    price: readPrice(reader, `${at}.price`, line['price']),
  }
}

function readModel(reader: FieldReader, at: string, json: JsonValue, providers: ReadonlySet<string>): ModelLine {
  const line = reader.object(at, json, ['name', 'provider', 'model', 'options', 'price'])
  const name = reader.text(`${at}.name`, line['name'])
  if (name === autoModel) reader.bad(`${at}.name`, `must not be "${autoModel}"`)
  const provider = reader.text(`${at}.provider`, line['provider'])
  if (!providers.has(provider)) reader.bad(`${at}.provider`, `must be one of: ${[...providers].join(', ')}`)
  return {
    name,
    provider,
    model: reader.text(`${at}.model`, line['model']),
    options: line['options'] === undefined ? {} : reader.object(`${at}.options`, line['options']),
    price: readPrice(reader, `${at}.price`, line['price']),
  }
}

function readDefault(reader: FieldReader, json: JsonValue): Catalogue['default'] {
  const line = reader.object('default', json, ['provider', 'model'])
  return {
    provider: reader.optionalText('default.provider', line['provider']),
    model: reader.optionalText('default.model', line['model']),
  }
}

const priceFields = {
  input: 'input_micros_usd_per_million_tokens',
  output: 'output_micros_usd_per_million_tokens',
  cacheRead: 'cache_read_micros_usd_per_million_tokens',
  cacheWrite: 'cache_write_micros_usd_per_million_tokens',
} as const

function readPrice(reader: FieldReader, at: string, json: JsonValue | undefined): TokenPrice | null {
  if (json === undefined || json === null) return null
  const line = reader.object(at, json, Object.values(priceFields))
  const amount = (field: string) => reader.amount(`${at}.${field}`, line[field])
  const optional = (field: string) => (line[field] === undefined ? undefined : amount(field))
  return {
    inputMicrosUsdPerMillionTokens: amount(priceFields.input),
    outputMicrosUsdPerMillionTokens: amount(priceFields.output),
    cacheReadMicrosUsdPerMillionTokens: optional(priceFields.cacheRead),
    cacheWriteMicrosUsdPerMillionTokens: optional(priceFields.cacheWrite),
  }
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}

/** Reads fields and collects their problems, so that all are reported at once. */
class FieldReader {
  readonly #bad: FieldError[] = []

  bad(field: string, message: string): void {
    this.#bad.push({ field, message })
  }

  object(field: string, json: JsonValue | undefined, allowed?: readonly string[]): JsonObject {
    if (json === null || typeof json !== 'object' || Array.isArray(json)) {
      this.bad(field, 'must be an object')
      return {}
    }
    for (const name of Object.keys(json)) {
      const inside = field === '' ? name : `${field}.${name}`
      if (allowed !== undefined && !allowed.includes(name))
        this.bad(inside, `is not known; known are: ${allowed.join(', ')}`)
    }
    return json
  }

  array(field: string, json: JsonValue | undefined): readonly JsonValue[] {
    if (json === undefined) return []
    if (Array.isArray(json)) return json
    this.bad(field, 'must be an array')
    return []
  }

  text(field: string, json: JsonValue | undefined): string {
    if (typeof json === 'string' && json.trim() !== '' && json === json.trim()) return json
    this.bad(field, 'must be a text that is not empty and has no space around it')
    return ''
  }

  optionalText(field: string, json: JsonValue | undefined): string | null {
    return json === undefined || json === null ? null : this.text(field, json)
  }

  amount(field: string, json: JsonValue | undefined): number {
    if (typeof json === 'number' && Number.isSafeInteger(json) && json >= 0) return json
    this.bad(field, 'must be a whole number of millionths of a US dollar, 0 or more')
    return 0
  }

  unique(field: string, lines: readonly { readonly name: string }[]): void {
    for (const [at, line] of lines.entries()) {
      const first = lines.findIndex((other) => other.name === line.name)
      if (line.name !== '' && first !== at) this.bad(`${field}[${at}].name`, `"${line.name}" is already there`)
    }
  }

  finish(): void {
    if (this.#bad.length === 0) return
    const sentences = this.#bad.map(({ field, message }) => `${field === '' ? 'the file' : field} ${message}`)
    throw new Refusal('invalid_input', `The models file is not right: ${sentences.join('; ')}.`, { fields: this.#bad })
  }
}
