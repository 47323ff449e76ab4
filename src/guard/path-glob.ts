import { expandBraces } from './expand-braces.ts'

/** A compiled pattern: whether it matches a path, and the number of its characters once expanded. */
export interface PathGlob {
  readonly chars: number
  matches(path: string): boolean
}

/** A compiled pattern, or the problem in words. */
export type ParsedGlob =
  | { readonly glob: PathGlob; readonly problem?: never; readonly isTooLong?: never }
  | { readonly glob?: never; readonly problem: string; readonly isTooLong: boolean }

/** A token of a name: a code point, any character, a set, or any number of characters. */
type Token = number | CharacterSet
const star = -1
const any = -2
interface CharacterSet {
  readonly isNegated: boolean
  /** The ranges of code points in the set. */
  readonly ranges: readonly (readonly [from: number, to: number])[]
}

/** A segment of a pattern: a folder or file name, or `folders` for any number of folders. */
type Segment = 'folders' | readonly Token[]

/**
 * Compiles a pattern. Within a name `*` matches anything, `?` one character, `[a-z]` and `[!a-z]` one of a set; `**`
 * matches any number of folders; `{a,b}` and `{1..20}` are alternatives. A name that begins with a dot is like any
 * other. Syntax that other matchers read differently is a problem and not taken for something else: a rule that never
 * applies would be a label that never comes.
 */
export function parsePathGlob(source: string, charsMax: number): ParsedGlob {
  const problem = problemOf(source)
  if (problem !== undefined) return { problem, isTooLong: false }
  const expanded = expandBraces(source.normalize('NFC'), charsMax)
  if (expanded.isTooLong) {
    return { problem: 'makes the rules too long, with their alternatives written out', isTooLong: true }
  }
  const patterns = expanded.patterns.map(parsePattern)
  const chars = expanded.patterns.reduce((sum, pattern) => sum + pattern.length + 1, 0)
  return {
    glob: {
      chars,
      matches(path) {
        const names = segmentsOf(path.normalize('NFC')).map(codePointsOf)
        return patterns.some((pattern) => matchesPath(names, pattern))
      },
    },
  }
}

function problemOf(source: string): string | undefined {
  if (source.includes('\\')) return 'must not hold a backslash: folders are separated by "/", and nothing is escaped'
  if (/[@!?*+]\(/u.test(source)) return 'must not hold groups such as "!(a)": alternatives are written {a,b}'
  if (/\[\[[:.=]/u.test(source)) return 'must not hold classes such as "[[:alpha:]]": a set is written [a-z]'
  if (/\{[^{},]*\.\.[^{},]*\.\.[^{},]*\}/u.test(source)) return 'must not hold a range with steps'
  return undefined
}

/** The names of a path without empty names and `.`, and with `..` resolved. */
function segmentsOf(path: string): string[] {
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue
    if (name === '..' && names.length > 0 && names.at(-1) !== '..') names.pop()
    else names.push(name)
  }
  return names
}

function parsePattern(pattern: string): Segment[] {
  const segments = segmentsOf(pattern).map((name): Segment => (name === '**' ? 'folders' : tokensOf(name)))
  // A pattern that ends in a slash matches everything in the folder, and not the folder itself.
  if (pattern.endsWith('/')) segments.push('folders')
  return segments
}

function codePointsOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0)
}

const [asterisk, question, opens, closes, negates, caret, hyphen] = codePointsOf('*?[]!^-')

function tokensOf(name: string): Token[] {
  const points = codePointsOf(name)
  const tokens: Token[] = []
  for (let at = 0; at < points.length; at += 1) {
    const point = points[at] ?? 0
    const set = point === opens ? readSet(points, at) : undefined
    if (set !== undefined) {
      tokens.push(set.set)
      at = set.end
    } else if (point === asterisk) tokens.push(star)
    else tokens.push(point === question ? any : point)
  }
  return tokens
}

/**
 * Reads a set from its bracket to the closing one, or undefined where none closes it and the bracket is a character
 * like any other.
 */
function readSet(points: readonly number[], open: number): { set: CharacterSet; end: number } | undefined {
  const isNegated = points[open + 1] === negates || points[open + 1] === caret
  const first = open + (isNegated ? 2 : 1)
  // A bracket in the first place is a member of the set.
  const end = points.indexOf(closes ?? 0, first + 1)
  if (end < 0) return undefined
  const ranges: [number, number][] = []
  for (let at = first; at < end; at += 1) {
    const from = points[at] ?? 0
    const isRange = points[at + 1] === hyphen && at + 2 < end
    ranges.push([from, isRange ? (points[at + 2] ?? 0) : from])
    if (isRange) at += 2
  }
  return { set: { isNegated, ranges }, end }
}

/**
 * Both matchers continue from the last wildcard where something does not match, and from no other: the first match of
 * the part before it leaves the most for the part after it. The work is therefore at most the product of both lengths.
 */
function matchesPath(names: readonly (readonly number[])[], pattern: readonly Segment[]): boolean {
  let name = 0
  let want = 0
  /** The last `**`, and the first name that it does not cover yet. */
  let wildcard = -1
  let resumeAt = 0
  while (name < names.length) {
    const segment = pattern[want]
    if (segment === 'folders') {
      wildcard = want
      resumeAt = name
      want += 1
    } else if (segment !== undefined && matchesName(names[name] ?? [], segment)) {
      name += 1
      want += 1
    } else if (wildcard >= 0) {
      resumeAt += 1
      name = resumeAt
      want = wildcard + 1
    } else return false
  }
  // A `**` that no name has reached matches nothing: `hr/**` is everything in the folder, and not the folder itself.
  return want === pattern.length
}

function matchesName(points: readonly number[], tokens: readonly Token[]): boolean {
  let at = 0
  let want = 0
  let wildcard = -1
  let resumeAt = 0
  while (at < points.length) {
    const token = tokens[want]
    if (token === star) {
      wildcard = want
      resumeAt = at
      want += 1
    } else if (token === points[at] || (token !== undefined && matchesSpecial(points[at] ?? 0, token))) {
      at += 1
      want += 1
    } else if (wildcard >= 0) {
      resumeAt += 1
      at = resumeAt
      want = wildcard + 1
    } else return false
  }
  while (tokens[want] === star) want += 1
  return want === tokens.length
}

function matchesSpecial(point: number, token: Token): boolean {
  if (typeof token === 'number') return token === any
  return token.ranges.some(([from, to]) => point >= from && point <= to) !== token.isNegated
}
