import fc from 'fast-check'

interface Schema {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
}

/** Any JSON. */
export const anyJson = fc.jsonValue({ maxDepth: 2 })

/** Values that fit a JSON schema of the kind the contracts are made of; formats and patterns are not looked at. */
function arbitraryOf(schema: Schema): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(arbitraryOf))
  const { minimum, maximum, minLength, maxLength = 12 } = schema
  const range = { ...(minimum !== undefined && { min: minimum }), ...(maximum !== undefined && { max: maximum }) }
  switch (schema.type) {
    case 'string':
      return fc.string({ unit: 'grapheme', minLength: minLength ?? 0, maxLength: Math.min(maxLength, 12) })
    case 'integer':
      return fc.integer(range)
    case 'number':
      return fc.double({ ...range, noNaN: true, noDefaultInfinity: true })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(arbitraryOf(schema.items ?? {}), { maxLength: 3 })
    case 'object':
      return objectOf(schema)
    default:
      return anyJson
  }
}

function objectOf({ properties = {}, required = [] }: Schema): fc.Arbitrary<object> {
  const fields = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, arbitraryOf(schema)]))
  return fc.record(fields, { requiredKeys: [...required] })
}

/** What fits, and what nearly fits: one field replaced by anything, one field too many, or no object at all. */
export function nearlyOf(schema: object): fc.Arbitrary<unknown> {
  const known = schema as Schema
  const names = Object.keys(known.properties ?? {})
  const fitting = objectOf(known)
  const spoiled = fc
    .tuple(fitting, fc.constantFrom(...names, 'unheard_of', '__proto__'), anyJson)
    .map(([body, name, value]) => ({ ...body, [name]: value }))
  return fc.oneof(
    { weight: 5, arbitrary: fitting },
    { weight: 4, arbitrary: spoiled },
    { weight: 1, arbitrary: anyJson },
  )
}
