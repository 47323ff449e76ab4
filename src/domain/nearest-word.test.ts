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
