import { expect, test } from 'vitest'
import { cutText } from './cut-text.ts'

test.each([
  ['count the words of it', 16, 'count the words…'],
  ['count the words of it', 15, 'count the words…'],
  ['count the words of it', 14, 'count the…'],
  ['count the words of it', 9, 'count the…'],
  ['a verylongwordindeed', 12, 'a verylongwo…'],
  ['words', 0, '…'],
  // 60 percent of the length are kept, and one unit less is too little.
  ['aaaaaa bbbbbbb', 10, 'aaaaaa…'],
  ['aaaaa bbbbbbbb', 10, 'aaaaa bbbb…'],
  ['  words of it', 7, '  words…'],
  ['  words of it', 8, '  words…'],
  ['words  of it', 6, 'words…'],
  ['words   ofthem', 8, 'words…'],
])('of "%s" the first %i units are "%s"', (text, length, cut) => {
  expect(cutText(text, length)).toBe(cut)
})
