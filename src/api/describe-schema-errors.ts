import type { FieldError } from '../domain/refusal.ts'

/** An error of the schema checker; the paths are JSON pointers. */
interface SchemaError {
  readonly keyword: string
  readonly schemaPath: string
  readonly instancePath: string
  readonly params: unknown
  readonly message: string
}

interface Schema {
  readonly type?: string
  readonly format?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  /** Says in words what a `pattern` asks for, since callers are not shown the expression. */
  readonly 'x-form'?: string
}

/** One bad field, with the rule of the schema that it breaks, for dialects whose answers name that. */
export interface DescribedSchemaError extends FieldError {
  /** A keyword of JSON Schema, such as `minimum`. */
  readonly keyword: string
  /** The type that the schema asks for there; of a choice, its first. */
  readonly type: string | undefined
}

/**
 * Describes what does not fit a schema, one entry per field, with what is allowed. A field is named by its path
 * (`files.0.path`).
 */
export function describeSchemaErrors(schema: object, schemaErrors: readonly SchemaError[]): DescribedSchemaError[] {
  const fields = new Map<string, DescribedSchemaError>()
  for (const schemaError of mostTelling(schemaErrors)) {
    const { keyword } = schemaError
    const { type, anyOf } = schemaAt(schema, schemaError.schemaPath)
    const rule = { keyword, type: type ?? anyOf?.[0]?.type }
    for (const field of describe(schema, schemaError))
      if (!fields.has(field.field)) fields.set(field.field, { ...field, ...rule })
  }
  return [...fields.values()]
}

/**
 * Picks the errors that tell most about a choice between forms. Where the value has the type of one form, they are the errors
 * of that form; else only that no form fits.
 */
function mostTelling(schemaErrors: readonly SchemaError[]): SchemaError[] {
  let kept = [...schemaErrors]
  for (const choice of schemaErrors) {
    if (choice.keyword !== 'anyOf') continue
    const start = `${choice.schemaPath}/anyOf/`
    const inside = kept.filter(({ schemaPath }) => schemaPath.startsWith(start))
    const branchOf = ({ schemaPath }: SchemaError) => schemaPath.slice(start.length).split('/')[0] ?? ''
    const otherType = new Set(
      inside.filter((one) => one.keyword === 'type' && one.instancePath === choice.instancePath).map(branchOf),
    )
    const near = inside.filter((one) => !otherType.has(branchOf(one)))
    kept = kept.filter((one) => !inside.includes(one) && (near.length === 0 || one !== choice)).concat(near)
  }
  return kept
}

function describe(root: object, { keyword, schemaPath, instancePath, params, message }: SchemaError): FieldError[] {
  const field = instancePath.slice(1).replaceAll('/', '.')
  const schema = schemaAt(root, schemaPath)
  const under = (name: string) => (field === '' ? name : `${field}.${name}`)
  if (keyword === 'additionalProperties') {
    const known = Object.keys(schema.properties ?? {})
    const says = known.length === 0 ? 'is not known: no field is' : `is not known; known are: ${known.join(', ')}`
    const names = namesIn(params, 'additionalProperties')
    return names.map((name) => ({ field: under(name), message: says }))
  }
  if (keyword === 'boolean') return [] // additionalProperties says it better
  if (keyword === 'required') {
    return namesIn(params, 'requiredProperties').map((name) => ({
      field: under(name),
      message: `is needed: must be ${allowedBy(schema.properties?.[name] ?? {})}`,
    }))
  }
  if (keyword === 'pattern') return [{ field, message: `must be ${schema['x-form'] ?? 'written in another way'}` }]
  const says = ['type', 'anyOf', 'enum', 'const', 'format'].includes(keyword)
  return [{ field, message: says ? `must be ${allowedBy(schema)}` : message }]
}

function namesIn(params: unknown, key: string): string[] {
  const names = (params as Record<string, unknown>)[key]
  return Array.isArray(names) ? names.map(String) : []
}

function schemaAt(root: object, pointer: string): Schema {
  let at: unknown = root
  for (const step of pointer.split('/').slice(1)) {
    at = (at as Record<string, unknown> | undefined)?.[step.replaceAll('~1', '/').replaceAll('~0', '~')]
  }
  return (at ?? {}) as Schema
}

const formats: Readonly<Record<string, string>> = {
  uuid: 'a UUID',
  'date-time': 'an instant such as 2026-01-31T12:00:00Z',
}

const types: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  null: 'null',
  object: 'an object',
}

function allowedBy(schema: Schema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(allowedBy).join(' or ')
  if (schema.enum !== undefined) return `one of: ${schema.enum.join(', ')}`
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.format !== undefined) return formats[schema.format] ?? schema.format
  const names = Object.keys(schema.properties ?? {})
  if (names.length > 0) return `an object with ${names.join(', ')}`
  return types[schema.type ?? ''] ?? 'given'
}
