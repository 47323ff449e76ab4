import type { Detection } from './detectors.ts'
import { createKeywordAutomaton, type KeywordAutomaton } from './keyword-automaton.ts'

/** The automata, made once for each list, which belongs to a version of a policy. */
const automata = new WeakMap<readonly string[], KeywordAutomaton>()
const wordUnit = /[\p{L}\p{N}_]/u

/**
 * Finds blocked keywords as whole words, without regard to case, to compatibility forms or to the separators within
 * one. Of those that end in one place the longest is reported. The work is linear in the text's length.
 */
export function findKeywords(text: string, keywords: readonly string[], found: Detection[]): void {
  if (keywords.length === 0) return
  automatonOf(keywords).scan(text, (start, end) => {
    if (!isWord(text, start, end)) return false
    found.push({ detector: 'keyword', start, end })
    return true
  })
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

function automatonOf(keywords: readonly string[]): KeywordAutomaton {
  const known = automata.get(keywords)
  if (known !== undefined) return known
  const made = createKeywordAutomaton([...new Set(keywords.flatMap(formsOf))])
  automata.set(keywords, made)
  return made
}

/**
 * The forms of a keyword: as written, with its marks decomposed, and without them. The layers of a text come in each of
 * these forms.
 */
function formsOf(keyword: string): string[] {
  const apart = keyword.normalize('NFKD').trim()
  return [keyword.normalize('NFKC').trim(), apart, apart.replace(/\p{Mn}/gu, '')]
}
