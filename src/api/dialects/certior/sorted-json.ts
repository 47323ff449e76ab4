/**
 * JSON with its names in order, a space after each comma and colon, and nothing but ASCII. Receivers of Certior's deliveries check the
 * signature over the body as it came, or over what they read from it and write again; this form is the same both ways.
 */
export function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
    entries.sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([name, inner]) => `${ascii(name)}: ${sortedJson(inner)}`).join(', ')}}`
  }
  return typeof value === 'string' ? ascii(value) : JSON.stringify(value ?? null)
}

function ascii(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/gu, (char) => char.split('').map(escaped).join(''))
}

/** One UTF-16 unit: a character outside the basic plane is written as its two surrogates. */
function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
