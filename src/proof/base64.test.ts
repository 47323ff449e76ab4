import fc from 'fast-check'
import { expect, test } from 'vitest'
import { base64Of, bytesOfBase64 } from './base64.ts'

test('bytes come back from their base64', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(Buffer.from(bytesOfBase64(base64Of(bytes)) ?? '?').equals(bytes)).toBe(true)
    }),
  )
  expect(base64Of(Buffer.from('abcd').subarray(1, 3))).toBe('YmM=')
})

test.each([
  ['the URL alphabet', '-_8='],
  ['no padding', 'YQ'],
  ['padding that is not due', 'YWJj='],
  ['unused bits that are set', 'YR=='],
  ['white space', 'YW Jj'],
  ['a line end', 'YWJj\n'],
  ['a letter outside the alphabet', 'YWJ*'],
])('base64 with %s is not taken', (_what, text) => {
  expect(bytesOfBase64(text)).toBeUndefined()
})
