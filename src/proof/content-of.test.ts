import { expect, test } from 'vitest'
import { contentOf } from './content-of.ts'

const salt = 'ab'.repeat(16)

test('the body of a text is what its bytes say, and the digest is that of the bytes', () => {
  const content = contentOf(salt, 'a\ud800b\u{1f600}', 'text/plain')
  expect(content.body).toBe('a\ufffdb\u{1f600}')
  expect(content.digest).toBe(contentOf(salt, 'a\ufffdb\u{1f600}', 'text/plain').digest)
})

test('bytes stay as they are', () => {
  const bytes = new Uint8Array([0xed, 0xa0, 0x80])
  expect(contentOf(salt, bytes, 'application/jose', true).body).toBe(bytes)
})
