/** An OpenAPI document with everything in the place where it refers to it. Throws for a reference to nothing, or to itself. */
export function resolveReferences<Document>(document: object): Document {
  const resolve = (value: unknown, within: readonly string[]): unknown => {
    if (Array.isArray(value)) return value.map((item) => resolve(item, within))
    if (typeof value !== 'object' || value === null) return value
    if ('$ref' in value && typeof value.$ref === 'string') {
      if (within.includes(value.$ref)) throw new Error(`${value.$ref} refers to itself.`)
      return resolve(find(document, value.$ref), [...within, value.$ref])
    }
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, resolve(part, within)]))
  }
  return resolve(document, []) as Document
}

function find(document: object, reference: string): unknown {
  let at: unknown = document
  for (const step of reference.split('/').slice(1)) {
    at = (at as Record<string, unknown> | undefined)?.[step.replaceAll('~1', '/').replaceAll('~0', '~')]
  }
  if (at === undefined) throw new Error(`${reference} refers to nothing.`)
  return at
}
