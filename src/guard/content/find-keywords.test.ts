import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Detection } from './detectors.ts'
import { findKeywords } from './find-keywords.ts'
import { foldCase, isSeparator } from './keyword-symbols.ts'

function find(text: string, ...keywords: string[]): string[] {
  const found: Detection[] = []
  findKeywords(text, keywords, found)
  return found.map(({ start, end }) => text.slice(start, end))
}

test.each([
  ['about the Insider  Information of', 'insider information', ['Insider  Information']],
  ['insider-information, insider_information', 'insider information', ['insider-information', 'insider_information']],
  [`insider${' \n'.repeat(40)}information`, 'insider information', [`insider${' \n'.repeat(40)}information`]],
  ['an e mail, an e-mail, an e_mail', 'e-mail', ['e mail', 'e-mail', 'e_mail']],
  ['insiderinformation', 'insider information', []],
  ['reinsider information', 'insider information', []],
  ['insider informations', 'insider information', []],
  ['my_insider', 'insider', []],
  ['abc c++ d', 'C++', ['c++']],
  ['Ein Käfer', 'käfer', ['Käfer']],
  ['Ein Ka\u0308fer', 'käfer', ['Ka\u0308fer']],
  ['ΣΟΦΟΣ', 'σοφος', ['ΣΟΦΟΣ']],
  ['\u{10400}x', '\u{10428}x', ['\u{10400}x']],
  ['a ___x', '_ _ x', [' ___x']],
  ['a _ - b', '_', []],
  ['Ein Kafer', 'käfer', ['Kafer']],
  ['of é and e\u0301', ' é ', ['é', 'e', 'e\u0301']],
  ['to \u{10000}x', '\u{10000}x', ['\u{10000}x']],
  ['x a😀merger', 'merger', ['merger']],
  ['x a\u{1d4b3}merger', 'merger', []],
  ['merger😀a x', 'merger', ['merger']],
  ['merger\u{1d4b3}a x', 'merger', []],
  ['a;b', 'a[b', []],
  ['a\u{1200a}b', 'a b', []],
  ['ab', 'ab\u0000', []],
])('in %j the keyword %j is found as %j', (text, keyword, found) => {
  expect(find(text, keyword)).toEqual(found)
})

test('what is found is called a keyword, and without keywords there is nothing', () => {
  const found: Detection[] = []
  findKeywords('a merger', [], found)
  expect(found).toEqual([])
  findKeywords('a merger', ['merger'], found)
  expect(found).toEqual([{ detector: 'keyword', start: 2, end: 8 }])
})

test('a keyword within another, and one that overlaps another, are found where they end', () => {
  expect(find('a merger of banks', 'merger', 'merger of banks', 'of banks')).toEqual(['merger', 'merger of banks'])
  expect(find('new york city hall', 'new york city', 'city hall')).toEqual(['new york city', 'city hall'])
  expect(find('a shed', 'he', 'she', 'shed')).toEqual(['shed'])
  expect(find('abab ab', 'abab ab', 'ab')).toEqual(['abab ab'])
  expect(find('a b c x', 'a b c d', 'b c')).toEqual(['b c'])
  expect(find('a b c d x', 'a b c d e', 'c d', 'b c d f')).toEqual(['c d'])
  expect(find('yxa b', 'xa b', 'b')).toEqual(['b'])
  expect(find('yx+a b', 'x+a b', '+a c', 'b')).toEqual(['b'])
})

/** What one keyword is, as a pattern; a text of a few characters is matched in no time even by the worst of them. */
function patternOf(keyword: string): RegExp {
  const words = keyword.split(/[\s_-]+/u).map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
  return new RegExp(`(?<![\\p{L}\\p{N}_])${words.join('[\\s_-]+')}(?![\\p{L}\\p{N}_])`, 'giu')
}

test('whatever the keywords and the text are, all is found that a pattern for each keyword finds', () => {
  const letters = fc.constantFrom('a', 'b', 'A', 'ſ', 's', 'Σ', 'ς', 'İ', 'ß', 'ẞ', 'é', ' ', '-', '_', '\u00a0', '+')
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 's', 'ς', 'ß'), minLength: 1, maxLength: 3 })
  const keyword = fc
    .tuple(fc.array(word, { minLength: 1, maxLength: 3 }), fc.constantFrom(' ', '-', '_ '))
    .map(([words, between]) => words.join(between))
  fc.assert(
    fc.property(
      fc.string({ unit: letters, maxLength: 40 }),
      fc.array(keyword, { minLength: 1, maxLength: 5 }),
      (text, keywords) => {
        const found: Detection[] = []
        findKeywords(text, keywords, found)
        for (const pattern of keywords.map(patternOf)) {
          for (const { index, 0: match } of text.matchAll(pattern)) {
            const end = index + match.length
            expect(found.some((one) => one.start <= index && one.end >= end)).toBe(true)
          }
        }
      },
    ),
  )
})

test('separators and case are those of regular expressions', () => {
  const wrong: string[] = []
  for (let codePoint = 0; codePoint <= 0xffff; codePoint++) {
    if (codePoint >= 0xd800 && codePoint <= 0xdfff) continue
    const character = String.fromCodePoint(codePoint)
    if (isSeparator(codePoint) !== /[\s_-]/u.test(character)) wrong.push(character)
    for (const other of new Set([character.toLowerCase(), character.toUpperCase()])) {
      if (other === character || [...other].length > 1) continue
      const isSame = new RegExp(`^\\u{${codePoint.toString(16)}}$`, 'iu').test(other)
      if (isSame && foldCase(other.codePointAt(0) ?? 0) !== foldCase(codePoint)) wrong.push(`${character}${other}`)
    }
  }
  expect(wrong).toEqual([])
})

// A pattern of the keyword's words with separators between them would try every way to share out the underscores.
test.each([
  ['separators that are words', '_'.repeat(100_000), [`${'_ '.repeat(90)}x`]],
  ['words of separators', '- _ '.repeat(25_000), [`${'- _ '.repeat(40)}x`]],
  ['a thousand keywords that begin alike', 'a'.repeat(100_000), manyOf((n) => `${'a'.repeat(190)}b${n}`)],
  ['a thousand keywords that end alike', 'a '.repeat(50_000), manyOf((n) => `${n} ${'a '.repeat(90)}b`)],
  ['keywords within each other', '+'.repeat(100_000), manyOf((n) => '+'.repeat(1 + (n % 200)))],
])('%s do not make the work grow faster than the text', (_what, text, keywords) => {
  expect(find(`${text}y`, ...keywords)).toHaveLength(text.startsWith('+') ? 100_000 : 0)
})

function manyOf(keyword: (n: number) => string): string[] {
  return Array.from({ length: 1_000 }, (_, n) => keyword(n))
}
