import { expect, test } from 'vitest'
import { cutText } from './cut-text.ts'

test.each([
  ['count the words of it', 16, 'count the words…'],
  ['count the words of it', 15, 'count the words…'],
  ['count the words of it', 14, 'count the…'],
  ['count the words of it', 9, 'count the…'],
  ['a verylongwordindeed', 12, 'a verylongwo…'],
  ['words', 0, '…'],
])('of "%s" the first %i units are "%s"', (text, length, cut) => {
  expect(cutText(text, length)).toBe(cut)
})
