/** What is shorter is clearer in its place. */
const namedCharsMin = 60

/** Where a schema has further schemas: by name, in a list, or one. */
const named = ['properties', 'patternProperties', '$defs'] as const
const listed = ['anyOf', 'allOf', 'oneOf', 'prefixItems'] as const
const single = ['items', 'additionalProperties', 'not', 'contains'] as const

/** The schemas that an OpenAPI document says once, under the names of the contract's exports. */
export interface NamedSchemas {
  /** A reference, where the contract names the schema; else the schema with such references in it. */
  refer(schema: object): object
  /** What was referred to, by name. */
  readonly used: Readonly<Record<string, object>>
}

/** `TaskSchema` of the contract is named `Task`. */
export function nameSchemas(contract: Readonly<Record<string, unknown>>): NamedSchemas {
  const names = new Map<string, string>()
  for (const [name, schema] of Object.entries(contract)) {
    const text = JSON.stringify(schema) ?? ''
    if (name.endsWith('Schema') && isObject(schema) && text.length >= namedCharsMin && !names.has(text)) {
      names.set(text, name.slice(0, -'Schema'.length))
    }
  }
  const used: Record<string, object> = {}
  const known = new Map<object, object>()

  const refer = (schema: object): object => {
    const before = known.get(schema)
    if (before !== undefined) return before
    const name = names.get(JSON.stringify(schema))
    const result = name === undefined ? within(schema) : { $ref: `#/components/schemas/${name}` }
    known.set(schema, result)
    if (name !== undefined && !Object.hasOwn(used, name)) {
      used[name] = {} // its place, before those of its parts
      used[name] = within(schema)
    }
    return result
  }
  const referAny = (value: unknown) => (isObject(value) ? refer(value) : value)
  const within = (schema: object): object => {
    const result: Record<string, unknown> = { ...schema }
    for (const key of named) {
      const parts = result[key]
      if (!isObject(parts)) continue
      result[key] = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, referAny(part)]))
    }
    for (const key of listed) {
      const parts = result[key]
      if (Array.isArray(parts)) result[key] = parts.map(referAny)
    }
    for (const key of single) if (key in result) result[key] = referAny(result[key])
    return result
  }
  return { refer, used }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
