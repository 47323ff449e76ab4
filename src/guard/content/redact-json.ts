/** A part of a text and its replacement. */
export interface Redaction {
  readonly start: number
  readonly end: number
  readonly standIn: string
}

/** Matches the strings, numbers and words of a JSON document. Everything between them is its structure. */
const jsonToken = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|true|false|null/g
const nameEnds = /\s*:/y
/** Matches a unit that must not be split: an escape, or the two halves of a character outside the first plane. */
const unit =
  /\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[\ud800-\udbff][\udc00-\udfff]/g

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
    const redacted = token.startsWith('"')
      ? redactString(token, index, redactions, next)
      : JSON.stringify(first.standIn)
    // A redaction of a quote alone changes nothing, and the name must not count as its own double.
    if (redacted === token) continue
    result += text.slice(done, index) + (isName(text, token, end) ? uniqueName(redacted) : redacted)
    done = end
  }
  return result + text.slice(done)
}

function redactString(token: string, at: number, redactions: readonly Redaction[], first: number): string {
  const cuts: { start: number; end: number; standIn: string }[] = []
  for (let index = first; index < redactions.length; index++) {
    const redaction = redactions[index]
    if (redaction === undefined || redaction.start >= at + token.length) break
    const start = Math.max(redaction.start - at, 1)
    const end = Math.min(redaction.end - at, token.length - 1)
    if (start < end) cuts.push({ start, end, standIn: redaction.standIn })
  }
  keepUnitsWhole(token, cuts)
  let result = ''
  let done = 0
  for (const { start, end, standIn } of cuts) {
    result += token.slice(done, Math.max(start, done)) + standIn
    done = end
  }
  return result + token.slice(done)
}

function keepUnitsWhole(token: string, cuts: { start: number; end: number }[]): void {
  let next = 0
  for (const { 0: found, index: from } of token.matchAll(unit)) {
    const to = from + found.length
    while ((cuts[next]?.end ?? Number.POSITIVE_INFINITY) <= from) next++
    for (let index = next; (cuts[index]?.start ?? to) < to; index++) {
      const cut = cuts[index]
      if (cut === undefined) break
      if (cut.start > from) cut.start = from
      if (cut.end < to) cut.end = to
    }
  }
}

function namesIn(text: string): Set<string> {
  const names = new Set<string>()
  for (const { 0: token, index } of text.matchAll(jsonToken))
    if (isName(text, token, index + token.length)) names.add(token)
  return names
}

function isName(text: string, token: string, end: number): boolean {
  nameEnds.lastIndex = end
  return token.startsWith('"') && nameEnds.test(text)
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
