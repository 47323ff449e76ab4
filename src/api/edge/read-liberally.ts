import type { TSchema } from 'typebox'

/**
 * Names the fields for which the original of a dialect takes null or an empty text as a value. The schema decides
 * about these values.
 */
export interface LiberalRules {
  readonly nullIsValue?: readonly string[] | undefined
  readonly emptyIsValue?: readonly string[] | undefined
}

/** The result of a liberal reading. */
export interface ReadLiberally {
  readonly value: unknown
  /** The paths of the fields that the schema does not know (`message.colour`, `members[].colour`), each once. */
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
 * Reads an input as far as its schema knows it. An optional field that is null, or an empty text, counts as absent; a
 * field that the schema does not know is left out and named. Nothing else is changed: values whose form the schema
 * leaves open (metadata) are returned as they are, and values that do not match are left to the validation.
 */
export function readLiberally(schema: TSchema, input: unknown, rules: LiberalRules = {}): ReadLiberally {
  const ignored = new Set<string>()
  const value = read(schema as Schema, input, { rules, ignored, path: '' })
  return { value, ignored: [...ignored] }
}

interface Reading {
  readonly rules: LiberalRules
  readonly ignored: Set<string>
  readonly path: string
}

function read(schema: Schema, input: unknown, reading: Reading): unknown {
  const form = formOf(schema, input)
  if (Array.isArray(input)) return form.items === undefined ? input : readItems(form.items, input, reading)
  if (typeof input !== 'object' || input === null || form.properties === undefined) return input
  return readFields(form, form.properties, input, reading)
}

/** Selects the only form of a choice that can be meant for a value of this kind. */
function formOf(schema: Schema, input: unknown): Schema {
  if (schema.anyOf === undefined) return schema
  const type = Array.isArray(input) ? 'array' : typeof input
  return schema.anyOf.find((form) => form.type === type) ?? {}
}

function readItems(items: Schema, input: readonly unknown[], reading: Reading): unknown[] {
  return input.map((item) => read(items, item, { ...reading, path: `${reading.path}[]` }))
}

function readFields(
  { required = [], patternProperties, additionalProperties }: Schema,
  properties: Readonly<Record<string, Schema>>,
  input: object,
  reading: Reading,
): object {
  const isClosed = patternProperties === undefined && (additionalProperties ?? false) === false
  const fields: [string, unknown][] = []
  for (const [name, value] of Object.entries(input)) {
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
