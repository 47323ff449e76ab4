import type { TSchema } from 'typebox'

/** Where a dialect's original takes null or an empty text for a value: it is then what the schema says of it. By field names. */
export interface LiberalRules {
  readonly nullIsValue?: readonly string[] | undefined
  readonly emptyIsValue?: readonly string[] | undefined
}

export interface ReadLiberally {
  readonly value: unknown
  /** What the schema does not know, by its path (`message.colour`, `members[].colour`), each once. */
  readonly ignored: readonly string[]
}

interface Schema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly patternProperties?: object
  readonly additionalProperties?: unknown
  readonly items?: Schema
}

/**
 * What a client sent, as far as the schema knows it: an optional field that is null or, where it is a text, empty counts as
 * absent; a field that the schema does not know is left out and named. Nothing else is changed, and what the schema leaves free
 * in its form (metadata) is handed on as it is. What does not fit is left to whoever checks it against the schema.
 */
export function readLiberally(schema: TSchema, given: unknown, rules: LiberalRules = {}): ReadLiberally {
  const ignored = new Set<string>()
  const value = read(schema as Schema, given, { rules, ignored, path: '' })
  return { value, ignored: [...ignored] }
}

interface Reading {
  readonly rules: LiberalRules
  readonly ignored: Set<string>
  readonly path: string
}

function read(schema: Schema, given: unknown, reading: Reading): unknown {
  const form = formOf(schema, given)
  if (Array.isArray(given)) return form.items === undefined ? given : readItems(form.items, given, reading)
  if (typeof given !== 'object' || given === null || form.properties === undefined) return given
  return readFields(form, form.properties, given, reading)
}

/** Of a choice the form that a value of this kind can only be meant for. */
function formOf(schema: Schema, given: unknown): Schema {
  if (schema.anyOf === undefined) return schema
  const type = Array.isArray(given) ? 'array' : typeof given
  return schema.anyOf.find((form) => form.type === type) ?? {}
}

function readItems(items: Schema, given: readonly unknown[], reading: Reading): unknown[] {
  return given.map((item) => read(items, item, { ...reading, path: `${reading.path}[]` }))
}

function readFields(
  { required = [], patternProperties, additionalProperties }: Schema,
  properties: Readonly<Record<string, Schema>>,
  given: object,
  reading: Reading,
): object {
  const isClosed = patternProperties === undefined && (additionalProperties ?? false) === false
  const fields: [string, unknown][] = []
  for (const [name, value] of Object.entries(given)) {
    const path = reading.path === '' ? name : `${reading.path}.${name}`
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (schema === undefined) {
      if (isClosed) reading.ignored.add(path)
      else fields.push([name, value])
    } else if (required.includes(name) || !countsAsAbsent(schema, name, value, reading.rules)) {
      fields.push([name, read(schema, value, { ...reading, path })])
    }
  }
  return Object.fromEntries(fields)
}

function countsAsAbsent(schema: Schema, name: string, value: unknown, rules: LiberalRules): boolean {
  if (value === null) return !rules.nullIsValue?.includes(name)
  return value === '' && isText(schema) && !rules.emptyIsValue?.includes(name)
}

function isText(schema: Schema): boolean {
  const { type, enum: words, const: word, anyOf } = schema
  if (anyOf !== undefined) return anyOf.some(isText)
  return type === 'string' || typeof word === 'string' || words?.every((one) => typeof one === 'string') === true
}
