import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nearestWord } from './nearest-word.ts'

const words = ['MANDATE_PORT', 'MANDATE_HOST', 'MANDATE_MODEL', 'MANDATE_MODELS', 'MANDATE_DATA', 'MANDATE_FILES_MAX']

test.each([
  ['a swapped pair', 'MANDATE_PROT', 'MANDATE_PORT'],
  ['a missing letter', 'MANDATE_DTA', 'MANDATE_DATA'],
  ['a letter too many', 'MANDATE_PORTT', 'MANDATE_PORT'],
  ['another letter', 'MANDATE_MODEK', 'MANDATE_MODEL'],
  ['small letters', 'mandate_files_max', 'MANDATE_FILES_MAX'],
  ['several slips', 'MANDATE_FLIE_MAX', 'MANDATE_FILES_MAX'],
])('%s leads to the word that was meant', (_what, typed, meant) => {
  expect(nearestWord(typed, words)).toBe(meant)
})

test('nothing is suggested for a word that is like none', () => {
  expect(nearestWord('gemini', ['opus-4.8', 'demo'])).toBeUndefined()
  expect(nearestWord('', ['opus-4.8'])).toBeUndefined()
  expect(nearestWord('x', [])).toBeUndefined()
})

test('a word with one slip finds itself among words that are far from it', () => {
  const slip = fc.tuple(fc.constantFrom(...words), fc.nat(), fc.constantFrom('', 'Q', '9'))
  fc.assert(
    fc.property(slip, ([word, place, letter]) => {
      const at = 8 + (place % (word.length - 8))
      const typed = word.slice(0, at) + letter + word.slice(at + 1)
      expect(nearestWord(typed, [word, 'SOMETHING_ELSE'])).toBe(word)
    }),
  )
})

test('at most two letters, or a third of a longer word, may be wrong', () => {
  expect(nearestWord('abc', ['axy'])).toBe('axy')
  expect(nearestWord('abc', ['xyz'])).toBeUndefined()
  expect(nearestWord('abcdefghi', ['abcdefxyz'])).toBe('abcdefxyz')
  expect(nearestWord('abcdefghi', ['abcdewxyz'])).toBeUndefined()
  expect(nearestWord('abcdefg', ['abcdxyz'])).toBe('abcdxyz')
  expect(nearestWord('abc', ['abcde'])).toBe('abcde')
  expect(nearestWord('abc', ['abcdef'])).toBeUndefined()
})

test('of several words the nearest is found, and the first of those that are equally near', () => {
  expect(nearestWord('port', ['part', 'post', 'ports'])).toBe('part')
  expect(nearestWord('port', ['part', 'prot', 'port'])).toBe('port')
  expect(nearestWord('abcd', ['badc', 'bacd'])).toBe('bacd')
})

/** The distance by its definition: the fewest letters added, left out, replaced or swapped with their neighbour. */
function distance(from: string, to: string): number {
  if (from === '' || to === '') return from.length + to.length
  const [a, b] = [from.slice(0, -1), to.slice(0, -1)]
  const ways = [distance(a, to) + 1, distance(from, b) + 1, distance(a, b) + (from.at(-1) === to.at(-1) ? 0 : 1)]
  if (from.length > 1 && to.length > 1 && from.at(-1) === to.at(-2) && from.at(-2) === to.at(-1)) {
    ways.push(distance(from.slice(0, -2), to.slice(0, -2)) + 1)
  }
  return Math.min(...ways)
}

test('the word that is found has the least distance by its definition', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(word, fc.array(word, { minLength: 1, maxLength: 3 }), (typed, known) => {
      const distances = known.map((one) => distance(typed, one))
      const least = Math.min(...distances)
      expect(nearestWord(typed, known)).toBe(least <= 2 ? known[distances.indexOf(least)] : undefined)
    }),
    { numRuns: 500 },
  )
})
