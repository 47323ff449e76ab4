import type { Detection } from './detectors.ts'

interface KeywordPattern {
  readonly pattern: RegExp | undefined
}

/** Compiled once for each list, which belongs to a version of a policy. */
const patterns = new WeakMap<readonly string[], KeywordPattern>()
const wordUnit = /[\p{L}\p{N}_]/u

/** Blocked keywords: whole words, without regard to case, to compatibility forms or to how many spaces stand between words. */
export function findKeywords(text: string, keywords: readonly string[], found: Detection[]): void {
  if (keywords.length === 0) return
  const { pattern } = patternOf(keywords)
  if (pattern === undefined) return
  pattern.lastIndex = 0
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const start = match.index
    const end = start + match[0].length
    if (isWord(text, start, end)) found.push({ detector: 'keyword', start, end })
    else pattern.lastIndex = start + 1
  }
}

function isWord(text: string, start: number, end: number): boolean {
  const opens = !wordUnit.test(characterBefore(text, start)) || !wordUnit.test(text.charAt(start))
  const closes = !wordUnit.test(characterAt(text, end)) || !wordUnit.test(characterBefore(text, end))
  return opens && closes
}

function characterAt(text: string, at: number): string {
  const codePoint = text.codePointAt(at)
  return codePoint === undefined ? '' : String.fromCodePoint(codePoint)
}

function characterBefore(text: string, at: number): string {
  const last = text.charAt(at - 1)
  return /[\udc00-\udfff]/.test(last) ? text.slice(Math.max(0, at - 2), at) : last
}

function patternOf(keywords: readonly string[]): KeywordPattern {
  const known = patterns.get(keywords)
  if (known !== undefined) return known
  const words = [...new Set(keywords.flatMap(formsOf))].filter((keyword) => keyword !== '')
  words.sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
  const sources = words.map((word) => word.split(/\s+/u).map(escapePattern).join('[\\s_-]{1,8}'))
  const made = { pattern: sources.length === 0 ? undefined : new RegExp(sources.join('|'), 'giu') }
  patterns.set(keywords, made)
  return made
}

/** As it is written, with its marks apart, and without them: the layers of a text come in each of these forms. */
function formsOf(keyword: string): string[] {
  const apart = keyword.normalize('NFKD').trim()
  return [keyword.normalize('NFKC').trim(), apart, apart.replace(/\p{Mn}/gu, '')]
}

function escapePattern(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
