import { expect, test } from 'vitest'
import {
  type Content,
  exactTitleOf,
  purgedPlaceholder,
  readableText,
  sealedPlaceholder,
  titleOf,
  truncateText,
} from './content.ts'

const content = (body: string | Uint8Array, sealed = false): Content => ({
  digest: 'sha256:x',
  salt: '',
  mediaType: 'text/plain',
  sealed,
  body,
})

test('a title is how the message begins on one line, at most 50 characters that end with a whole word and a mark', () => {
  expect(titleOf(content('  Read\n\tthe   notes '))).toBe('Read the notes')
  const words = 'write hello world to hello.txt then count the words in hello.txt'
  expect(titleOf(content(words))).toBe('write hello world to hello.txt then count the…')
  expect(titleOf(content(words.slice(0, 50)))).toBe(words.slice(0, 50))
  const title = titleOf(content('é😀'.repeat(40)))
  expect([...title]).toHaveLength(50)
  expect(title.endsWith('…')).toBe(true)
  expect(title.isWellFormed()).toBe(true)
})

test('an exact title is the first 50 characters, wherever that is', () => {
  expect(exactTitleOf(`  say\n${'x y'.repeat(40)}`)).toBe(`say ${'x y'.repeat(40)}`.slice(0, 50))
  expect(exactTitleOf('é😀'.repeat(40))).toBe('é😀'.repeat(25))
})

test('a sealed content has no readable text and shows as sealed in a title', () => {
  const sealed = content(new TextEncoder().encode('secret words'), true)
  expect(readableText(sealed)).toBeUndefined()
  expect(titleOf(sealed)).toBe(sealedPlaceholder)
  expect(readableText(content('words', true))).toBeUndefined()
})

test('a purged content has no text and shows as purged in a title, and bytes show as sealed', () => {
  expect(readableText(undefined)).toBeUndefined()
  expect(titleOf(undefined)).toBe(purgedPlaceholder)
  const bytes = content(new TextEncoder().encode('words'))
  expect(readableText(bytes)).toBeUndefined()
  expect(titleOf(bytes)).toBe(sealedPlaceholder)
  expect(readableText(content('words'))).toBe('words')
})

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
  expect(truncateText(text, length)).toBe(cut)
})
