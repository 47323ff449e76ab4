/** Any value that JSON can carry. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject
export type JsonObject = { [name: string]: JsonValue }

/** Whether arrays and objects stand inside of each other in more levels than this. A text or a number has no level. */
export function isNestedDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  return Object.values(value).some((inner) => isNestedDeeper(inner, levels - 1))
}

/**
 * The value with U+FFFD in place of each lone surrogate, in texts and in names. UTF-8 cannot carry one, so that a text which
 * holds it would be another text once it was written and read again. What is well formed is answered as it is, not copied.
 */
export function toWellFormedJson(value: JsonValue): JsonValue {
  return findLoneSurrogate(value) === undefined ? value : mend(value)
}

function mend(value: JsonValue): JsonValue {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(mend)
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name.toWellFormed(), mend(inner)]))
}

/** Where the first lone surrogate stands: the names on the way to it, none for the value itself; undefined where there is none. */
export function findLoneSurrogate(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : []
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, inner] of Object.entries(value)) {
    if (!name.isWellFormed()) return [name.toWellFormed()]
    const path = findLoneSurrogate(inner)
    if (path !== undefined) return [name, ...path]
  }
  return undefined
}
