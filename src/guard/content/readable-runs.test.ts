import { expect, test } from 'vitest'
import { isPlain, mayBegin, readableRuns } from './readable-runs.ts'

const runsOf = (bytes: readonly number[], atLeast = 1, length = bytes.length) =>
  readableRuns(Uint8Array.from(bytes), length, atLeast).map(({ start, end }) => `${start}-${end}`)

test.each<[string, number[], string[]]>([
  ['nothing', [], []],
  ['letters', [0x41, 0x20, 0x7e], ['0-3']],
  ['tabs and line breaks', [9, 10, 13], ['0-3']],
  ['control characters', [8, 0x41, 11, 12, 0x41, 14, 0x1f, 0x41, 0x7f], ['1-2', '4-5', '7-8']],
  ['a character of two bytes', [0xc2, 0x80, 0xdf, 0xbf], ['0-4']],
  ['a character of three bytes', [0xe0, 0xa0, 0x80, 0xef, 0xbf, 0xbf], ['0-6']],
  ['a character of four bytes', [0xf0, 0x90, 0x80, 0x80, 0xf4, 0x8f, 0xbf, 0xbf], ['0-8']],
  ['bytes that begin nothing', [0xc0, 0x41, 0xc1, 0x41, 0xf5, 0x41, 0x80, 0xbf], ['1-2', '3-4', '5-6']],
  ['a character without its end', [0x41, 0xc3], ['0-1']],
  ['a character without its middle', [0x41, 0xe2, 0x82, 0x42], ['0-1', '3-4']],
  ['a character that another one interrupts', [0xe2, 0xc3, 0xa9, 0x41], ['1-4']],
  ['one byte too many', [0xc3, 0xa9, 0xa9, 0x41], ['0-2', '3-4']],
])('%s: the readable runs are found', (_what, bytes, runs) => {
  expect(runsOf(bytes)).toEqual(runs)
})

test('a run that is too short is left out, and what is after the length is not read', () => {
  const bytes = [0x41, 0x42, 0x43, 0, 0x44, 0x45, 0x46, 0x47, 0]
  expect(runsOf(bytes, 4)).toEqual(['4-8'])
  expect(runsOf(bytes, 3)).toEqual(['0-3', '4-8'])
  expect(runsOf(bytes, 1, 6)).toEqual(['0-3', '4-6'])
})

test('a text may begin with a character of ASCII or the first byte of another one', () => {
  const beginning = Array.from({ length: 256 }, (_, byte) => byte).filter(mayBegin)
  const plain = [9, 10, 13, ...Array.from({ length: 95 }, (_, index) => index + 0x20)]
  expect(beginning).toEqual([...plain, ...Array.from({ length: 51 }, (_, index) => index + 0xc2)])
  expect(Array.from({ length: 256 }, (_, byte) => byte).filter(isPlain)).toEqual(plain)
})
