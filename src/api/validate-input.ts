import { createRequire } from 'node:module'
import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import type * as JsonSchema from 'typebox/schema'
import { Refusal } from '../domain/refusal.ts'
import { type DescribedSchemaError, describeSchemaErrors } from './describe-schema-errors.ts'
import { type LiberalRules, type ReadLiberally, readLiberally } from './edge/read-liberally.ts'

/** The compiler consists of many modules, so it is loaded at the first check and not at the start of the server. */
const loadOnDemand = createRequire(import.meta.url)

const places: Readonly<Record<string, string>> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'headers',
}

/** Makes a dialect's refusal of input that does not fit its schema; `place` is `body`, `query`, `path` or `headers`. */
export type RefuseSchemaErrors = (found: readonly DescribedSchemaError[], place: string) => Refusal

/** The rules by which a dialect reads bodies and queries that it does not take to the letter. */
export interface LiberalReading {
  readonly rules: LiberalRules
  /** Records the names that were left out of a value that fits. */
  recordIgnored(value: unknown, names: readonly string[]): void
}

/**
 * Checks a request's parts against its schema and refuses them in a dialect's way. A body is taken as it is, or read
 * liberally where the dialect does; nothing is converted or filled in, and no body counts as an empty object. In a query,
 * text that stands for a number or a boolean becomes one.
 */
export function createValidatorCompiler(
  refuse: RefuseSchemaErrors,
  liberal?: LiberalReading,
): FastifySchemaCompiler<TSchema> {
  return ({ schema, httpPart }) => {
    let validator: ReturnType<typeof JsonSchema.Compile> | undefined
    return (input: unknown) => {
      validator ??= (loadOnDemand('typebox/schema') as typeof JsonSchema).Compile(schema)
      const { value, ignored } = readPart(schema, httpPart, input, liberal)
      if (validator.Check(value)) {
        liberal?.recordIgnored(value, ignored)
        return { value }
      }
      const [, schemaErrors] = validator.Errors(value)
      return { error: refuse(describeSchemaErrors(schema, schemaErrors), places[httpPart ?? ''] ?? 'request') }
    }
  }
}

/** Refuses with `invalid_input`, naming each bad field and what is allowed. */
export const refuseSchemaErrors: RefuseSchemaErrors = (found, place) => {
  const fields = found.map(({ field, message }) => ({ field: field === '' ? place : field, message }))
  const names = fields.slice(0, 5).map(({ field }) => field)
  const more = fields.length > names.length ? ' and more' : ''
  return new Refusal('invalid_input', `Not allowed in the ${place}: ${names.join(', ')}${more}.`, { fields })
}

/** Compiles validators for native routes, which read to the letter. */
export const compileValidator = createValidatorCompiler(refuseSchemaErrors)

function readPart(
  schema: TSchema,
  part: string | undefined,
  input: unknown,
  liberal: LiberalReading | undefined,
): ReadLiberally {
  const strict = { value: input, ignored: [] }
  if (part === 'body')
    return liberal ? readLiberally(schema, input ?? {}, liberal.rules) : { ...strict, value: input ?? {} }
  if (part !== 'querystring') return strict
  if (liberal === undefined) return { ...strict, value: readQuery(schema, input) }
  const { value, ignored } = readLiberally(schema, withoutEmpty(input), liberal.rules)
  return { value: readQuery(schema, value), ignored }
}

/**
 * Drops empty values of a query. Everything is text there, and an empty one says nothing, also where a number is expected.
 */
function withoutEmpty(input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return input
  return Object.fromEntries(Object.entries(input).filter(([, text]) => text !== ''))
}

/** Reads a query's values by the types of its schema. A value that does not read as its type stays text, and is refused. */
function readQuery(schema: TSchema, input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return input
  const { properties = {} } = schema as { properties?: Record<string, { type?: string }> }
  return Object.fromEntries(Object.entries(input).map(([name, text]) => [name, read(properties[name]?.type, text)]))
}

function read(type: string | undefined, text: unknown): unknown {
  if (typeof text !== 'string') return text
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  if ((type === 'integer' || type === 'number') && /^-?\d{1,15}(\.\d{1,9})?$/u.test(text)) return Number(text)
  return text
}
