/** The expanded alternatives of a pattern, or the fact that they would have more characters than allowed. */
export type Expanded =
  | { readonly patterns: readonly string[]; readonly isTooLong?: false }
  | { readonly isTooLong: true }

type Part = string | { readonly alternatives: readonly (readonly Part[])[] } | Range

interface Range {
  readonly from: number
  readonly to: number
  /** The minimum number of digits. */
  readonly width: number
  readonly isLetter: boolean
}

/**
 * Expands `{a,b}`, which may be nested, and the ranges `{1..20}` and `{a..e}`. Other braces stay as they are. It stops
 * at `charsMax` characters, where each alternative counts one more than it has, so that a longer expansion is never
 * made.
 */
export function expandBraces(source: string, charsMax: number): Expanded {
  const { parts } = parse(source, 0, false)
  const patterns: string[] = []
  let chars = 0
  for (const pattern of expand(parts)) {
    chars += pattern.length + 1
    if (chars > charsMax) return { isTooLong: true }
    patterns.push(pattern)
  }
  return { patterns }
}

interface Parsed {
  readonly parts: Part[]
  /** The position at which reading ended: at a `,` or `}` of the surrounding braces, or at the end of the text. */
  readonly at: number
}

function parse(source: string, from: number, isInside: boolean): Parsed {
  const parts: Part[] = []
  let at = from
  let text = ''
  while (at < source.length) {
    const character = source.charAt(at)
    if (isInside && (character === ',' || character === '}')) break
    const braces = character === '{' ? parseBraces(source, at) : undefined
    if (braces === undefined) {
      text += character
      at += 1
      continue
    }
    parts.push(text, ...braces.parts)
    text = ''
    at = braces.end
  }
  return { parts: [...parts, text], at }
}

interface ReadBraces {
  readonly parts: readonly Part[]
  readonly end: number
}

/** Reads braces, or undefined where no `}` closes them and the brace is a character like any other. */
function parseBraces(source: string, open: number): ReadBraces | undefined {
  const range = parseRange(source, open)
  if (range !== undefined) return range
  if (!isClosed(source, open)) return undefined
  const alternatives: (readonly Part[])[] = []
  let at = open
  do {
    const parsed = parse(source, at + 1, true)
    alternatives.push(parsed.parts)
    at = parsed.at
  } while (source.charAt(at) === ',')
  // A single alternative is none: the braces stay, with the parts that were read, so that nothing is read twice.
  const parts = alternatives.length === 1 ? ['{', ...alternatives.flat(), '}'] : [{ alternatives }]
  return { parts, end: at + 1 }
}

/**
 * Whether braces are closed. It is checked before anything is read, so that unclosed braces are not read again from
 * each of them.
 */
function isClosed(source: string, open: number): boolean {
  let depth = 0
  for (let at = open; at < source.length; at += 1) {
    if (source.charAt(at) === '{') depth += 1
    if (source.charAt(at) === '}') depth -= 1
    if (depth === 0) return true
  }
  return false
}

const range = /\{(?:(-?\d{1,15})\.\.(-?\d{1,15})|([A-Za-z])\.\.([A-Za-z]))\}/y

function parseRange(source: string, open: number): ReadBraces | undefined {
  range.lastIndex = open
  const [found, first, last, firstLetter, lastLetter] = range.exec(source) ?? []
  if (found === undefined) return undefined
  const end = open + found.length
  if (first === undefined || last === undefined) {
    const [from, to] = [firstLetter?.charCodeAt(0) ?? 0, lastLetter?.charCodeAt(0) ?? 0]
    return { parts: [{ from, to, width: 0, isLetter: true }], end }
  }
  const isPadded = [first, last].some((number) => /^-?0\d/u.test(number))
  const width = isPadded ? Math.max(first.replace('-', '').length, last.replace('-', '').length) : 0
  return { parts: [{ from: Number(first), to: Number(last), width, isLetter: false }], end }
}

/** Yields one alternative after the other, so that the caller can stop. */
function* expand(parts: readonly Part[], at = 0): Generator<string> {
  const part = parts[at]
  if (part === undefined) {
    yield ''
    return
  }
  for (const head of expandPart(part)) for (const tail of expand(parts, at + 1)) yield head + tail
}

function* expandPart(part: Part): Generator<string> {
  if (typeof part === 'string') yield part
  else if ('alternatives' in part) for (const alternative of part.alternatives) yield* expand(alternative)
  else yield* expandRange(part)
}

function* expandRange({ from, to, width, isLetter }: Range): Generator<string> {
  const step = from <= to ? 1 : -1
  for (let value = from; step * value <= step * to; value += step) {
    const digits = String(Math.abs(value)).padStart(width, '0')
    yield isLetter ? String.fromCharCode(value) : value < 0 ? `-${digits}` : digits
  }
}
