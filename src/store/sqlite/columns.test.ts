import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytes, digest, flag, hex, integer, json, nullable, oneOf, readColumn, text, textOrBytes } from './columns.ts'

test('a value of another type than the column has is refused by the name of the column', () => {
  const wrong = [
    [text, 1],
    [integer, 'one'],
    [flag, 'true'],
    [bytes, 'aa'],
    [hex, 'aa'],
    [textOrBytes, 1],
  ] as const
  for (const [column, stored] of wrong) {
    expect(() => readColumn({ size: stored }, 'size', column as typeof text)).toThrow(/^size is not/u)
  }
  expect(() => readColumn({}, 'size', integer)).toThrow('size is not an integer.')
})

test('hexadecimal digits and digests are stored as their bytes and read as they were', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (stored) => {
      const digits = Buffer.from(stored).toString('hex')
      expect(hex.read(stored, 'hash')).toBe(digits)
      expect(hex.write(digits)).toBe(digits)
      expect(digest.read(stored, 'digest')).toBe(`sha256:${digits}`)
      expect(digest.write(`sha256:${digits}`)).toBe(digits)
    }),
  )
  expect(digest.placeholder?.(':digest')).toBe('unhex(:digest)')
})

test('flags are 0 and 1, and any other number is not set', () => {
  expect([flag.write(true), flag.write(false)]).toEqual([1, 0])
  expect([flag.read(1, 'on'), flag.read(0, 'on'), flag.read(2, 'on')]).toEqual([true, false, false])
})

test('NULL is null where a column may hold it, and a defect elsewhere', () => {
  expect(nullable(text).read(null, 'name')).toBeNull()
  expect(nullable(text).write(null)).toBeNull()
  expect(nullable(digest).placeholder?.(':d')).toBe('unhex(:d)')
  expect(() => text.read(null, 'name')).toThrow('name is not text.')
})

test('JSON comes back as it was, and a word that is none of the column is named', () => {
  const value = { a: [1, null, 'ö'], b: { c: true } }
  expect(json<typeof value>().read(json<typeof value>().write(value) as string, 'facts')).toEqual(value)
  const state = oneOf(['open', 'closed'])
  expect(state.read('open', 'state')).toBe('open')
  expect(() => state.read('ajar', 'state')).toThrow('state has no meaning here: ajar.')
})

test('bytes are sent without the rest of the memory that they are a view of', () => {
  const whole = new Uint8Array(1_000).fill(7)
  const sent = bytes.write(whole.subarray(10, 20)) as Uint8Array
  expect([sent.byteLength, sent.buffer.byteLength]).toEqual([10, 10])
  expect(bytes.write(whole)).toBe(whole)
})
