import { createRequire } from 'node:module'
import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import type * as JsonSchema from 'typebox/schema'
import { Refusal } from '../domain/refusal.ts'
import { type DescribedSchemaError, describeSchemaErrors } from './describe-schema-errors.ts'
import { type LiberalRules, type ReadLiberally, readLiberally } from './edge/read-liberally.ts'

/** Loaded at the first check, not at the start of the server: the compiler is many modules. */
const loadOnDemand = createRequire(import.meta.url)

const places: Readonly<Record<string, string>> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'headers',
}

/** What a dialect says of what does not fit; `place` is `body`, `query`, `path` or `headers`. */
export type RefuseSchemaErrors = (found: readonly DescribedSchemaError[], place: string) => Refusal

/** How a dialect reads bodies and queries that it does not take to the letter. */
export interface LiberalReading {
  readonly rules: LiberalRules
  /** Told what was left out of a value that fits. */
  noteIgnored(value: unknown, names: readonly string[]): void
}

/**
 * Checks what came with a request against its schema and refuses it in a dialect's way. A body is taken as it is, or read
 * liberally where the dialect does: nothing is converted or filled in; none at all counts as an empty object. In a query, text
 * that stands for a number or a yes or no becomes one.
 */
export function createValidatorCompiler(
  refuse: RefuseSchemaErrors,
  liberal?: LiberalReading,
): FastifySchemaCompiler<TSchema> {
  return ({ schema, httpPart }) => {
    let validator: ReturnType<typeof JsonSchema.Compile> | undefined
    return (given: unknown) => {
      validator ??= (loadOnDemand('typebox/schema') as typeof JsonSchema).Compile(schema)
      const { value, ignored } = readPart(schema, httpPart, given, liberal)
      if (validator.Check(value)) {
        liberal?.noteIgnored(value, ignored)
        return { value }
      }
      const [, schemaErrors] = validator.Errors(value)
      return { error: refuse(describeSchemaErrors(schema, schemaErrors), places[httpPart ?? ''] ?? 'request') }
    }
  }
}

/** `invalid_input`, naming each bad field and what is allowed. */
export const refuseSchemaErrors: RefuseSchemaErrors = (found, place) => {
  const fields = found.map(({ field, message }) => ({ field: field === '' ? place : field, message }))
  const names = fields.slice(0, 5).map(({ field }) => field)
  const more = fields.length > names.length ? ' and more' : ''
  return new Refusal('invalid_input', `Not allowed in the ${place}: ${names.join(', ')}${more}.`, { fields })
}

/** The native way: to the letter. */
export const compileValidator = createValidatorCompiler(refuseSchemaErrors)

function readPart(
  schema: TSchema,
  part: string | undefined,
  given: unknown,
  liberal: LiberalReading | undefined,
): ReadLiberally {
  const strict = { value: given, ignored: [] }
  if (part === 'body')
    return liberal ? readLiberally(schema, given ?? {}, liberal.rules) : { ...strict, value: given ?? {} }
  if (part !== 'querystring') return strict
  if (liberal === undefined) return { ...strict, value: readQuery(schema, given) }
  const { value, ignored } = readLiberally(schema, withoutEmpty(given), liberal.rules)
  return { value: readQuery(schema, value), ignored }
}

/** In a query everything is text: what is empty says nothing, also where a number is wanted. */
function withoutEmpty(given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return given
  return Object.fromEntries(Object.entries(given).filter(([, text]) => text !== ''))
}

/** A query's values by the types of its schema; what does not read as its type stays text, and is refused. */
function readQuery(schema: TSchema, given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return given
  const { properties = {} } = schema as { properties?: Record<string, { type?: string }> }
  return Object.fromEntries(Object.entries(given).map(([name, text]) => [name, read(properties[name]?.type, text)]))
}

function read(type: string | undefined, text: unknown): unknown {
  if (typeof text !== 'string') return text
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  if ((type === 'integer' || type === 'number') && /^-?\d{1,15}(\.\d{1,9})?$/u.test(text)) return Number(text)
  return text
}
