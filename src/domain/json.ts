/** Any value that JSON can carry. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject
/** A JSON object. */
export type JsonObject = { [name: string]: JsonValue }

/** Whether arrays and objects are nested in more than this number of levels. A text or a number has no level. */
export function isNestedDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  return Object.values(value).some((inner) => isNestedDeeper(inner, levels - 1))
}

/**
 * The value with U+FFFD in place of each lone surrogate, in texts and in names. UTF-8 cannot carry one, so that a text
 * with one would be another text after it was written and read. A well-formed value is returned itself and not copied.
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

/** The path of names to the first lone surrogate, empty for the value itself, or undefined where there is none. */
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
