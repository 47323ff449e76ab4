/** A part of a text and its replacement. */
export interface Redaction {
  readonly start: number
  readonly end: number
  readonly standIn: string
}

/** Matches the strings, numbers and words of a JSON document. Everything between them is its structure. */
const jsonToken = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|true|false|null/g
const nameEnds = /\s*:/y
/**
 * Matches what stands within a string: a character of several units (an escape, or the two halves of a character outside the
 * first plane), or a run of characters that are one unit each, which is the group.
 */
const characters =
  /\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[\ud800-\udbff][\udc00-\udfff]|([^"\\\ud800-\udfff]+)|[^"]/g

/**
 * The JSON document with stand-ins in its strings; a number becomes a string. The structure stays as it is, so that a
 * replacement over several values covers its part of each. A name that would occur twice gets a number.
 */
export function redactJson(text: string, redactions: readonly Redaction[]): string {
  const uniqueName = createUniqueNames(namesIn(text))
  let result = ''
  let done = 0
  let next = 0
  for (const { 0: token, index } of text.matchAll(jsonToken)) {
    const end = index + token.length
    while ((redactions[next]?.end ?? Number.POSITIVE_INFINITY) <= index) next++
    const first = redactions[next]
    if (first === undefined) break
    if (first.start >= end) continue
    const redacted =
      token.charAt(0) === '"' ? redactString(token, index, redactions, next) : JSON.stringify(first.standIn)
    // A redaction of a quote alone changes nothing, and the name must not count as its own double.
    if (redacted === token) continue
    result += text.slice(done, index) + (isName(text, end) ? uniqueName(redacted) : redacted)
    done = end
  }
  return result + text.slice(done)
}

/** A redaction takes each character of which it covers a part. It has one stand-in in each string. */
function redactString(token: string, at: number, redactions: readonly Redaction[], first: number): string {
  let next = first
  let written: Redaction | undefined
  return token.replace(characters, (found, run: string | undefined, index: number) => {
    let result = ''
    let done = 0
    while (done < found.length) {
      const from = at + index
      while ((redactions[next]?.end ?? Number.POSITIVE_INFINITY) <= from + done) next++
      const redaction = redactions[next]
      if (redaction === undefined || redaction.start >= from + found.length) break
      if (run !== undefined) result += run.slice(done, Math.max(done, redaction.start - from))
      if (redaction !== written) result += redaction.standIn
      written = redaction
      done = run === undefined ? found.length : Math.min(redaction.end - from, found.length)
    }
    return result + found.slice(done)
  })
}

function namesIn(text: string): Set<string> {
  const names = new Set<string>()
  for (const { 0: token, index } of text.matchAll(jsonToken)) if (isName(text, index + token.length)) names.add(token)
  return names
}

/** Whether a token that ends there is the name of a member: only to a name a colon is next. */
function isName(text: string, end: number): boolean {
  nameEnds.lastIndex = end
  return nameEnds.test(text)
}

/**
 * Numbers names that would occur twice. The last number of each name is kept, so that many equal names are not counted
 * anew.
 */
function createUniqueNames(taken: Set<string>): (name: string) => string {
  const counts = new Map<string, number>()
  return (name) => {
    if (!taken.has(name)) {
      taken.add(name)
      return name
    }
    for (let count = (counts.get(name) ?? 1) + 1; ; count++) {
      const unique = `${name.slice(0, -1)} ${count}"`
      if (taken.has(unique)) continue
      taken.add(unique)
      counts.set(name, count)
      return unique
    }
  }
}
