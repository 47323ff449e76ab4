import { expect, test } from 'vitest'
import { type Content, readableText, sealedPlaceholder, titleOf } from './content.ts'

const content = (body: string | Uint8Array, sealed = false): Content => ({
  digest: 'sha256:x',
  salt: '',
  mediaType: 'text/plain',
  sealed,
  body,
})

test('a title is the first 50 characters of the message on one line', () => {
  expect(titleOf(content('  Read\n\tthe   notes '))).toBe('Read the notes')
  const title = titleOf(content('é😀'.repeat(40)))
  expect([...title]).toHaveLength(50)
  expect(title.isWellFormed()).toBe(true)
})

test('a sealed content has no readable text and shows as sealed in a title', () => {
  const sealed = content(new TextEncoder().encode('secret words'), true)
  expect(readableText(sealed)).toBeUndefined()
  expect(titleOf(sealed)).toBe(sealedPlaceholder)
  expect(readableText(content('words', true))).toBeUndefined()
})
