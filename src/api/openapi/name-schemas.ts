/** The length from which a schema gets a name. Shorter ones are clearer in their place. */
const namedCharsMin = 60

/** The members of a schema that hold further schemas: by name, in a list, or one. */
const named = ['properties', 'patternProperties', '$defs'] as const
const listed = ['anyOf', 'allOf', 'oneOf', 'prefixItems'] as const
const single = ['items', 'additionalProperties', 'not', 'contains'] as const

/** The schemas that an OpenAPI document writes once, under the names of the contract's exports. */
export interface NamedSchemas {
  /** Returns a reference where the contract names the schema, and else the schema with such references in it. */
  refer(schema: object): object
  /** The schemas that were referred to, by name. */
  readonly used: Readonly<Record<string, object>>
}

/** Names the schemas of a contract: `TaskSchema` becomes `Task`. */
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
      used[name] = {} // it takes its place before the schemas inside it
      used[name] = within(schema)
    }
    return result
  }
  const referAny = (value: unknown) => (isObject(value) ? refer(value) : value)
  const within = (schema: object): object => {
    const result: Record<string, unknown> = { ...schema }
    for (const key of named) {
      const inner = result[key]
      if (!isObject(inner)) continue
      result[key] = Object.fromEntries(Object.entries(inner).map(([name, one]) => [name, referAny(one)]))
    }
    for (const key of listed) {
      const inner = result[key]
      if (Array.isArray(inner)) result[key] = inner.map(referAny)
    }
    for (const key of single) if (key in result) result[key] = referAny(result[key])
    return result
  }
  return { refer, used }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
