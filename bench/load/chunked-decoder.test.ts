import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ChunkedDecoder } from './chunked-decoder.ts'

/** Cuts bytes at the given places, whatever they are. */
function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  return [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length))
}

describe('ChunkedDecoder', () => {
  test('gives back the body, however it was put into chunks and however the bytes are cut', () => {
    const chunks = fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), { maxLength: 8 })
    fc.assert(
      fc.property(chunks, fc.array(fc.nat(2000), { maxLength: 12 }), (texts, cuts) => {
        const coded = texts.map((text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`).join('')
        const parts: Buffer[] = []
        const decoder = new ChunkedDecoder((part) => parts.push(part))
        const ended = cutAt(Buffer.from(`${coded}0\r\n\r\n`), cuts).map((part) => decoder.push(part))
        expect(Buffer.concat(parts).equals(Buffer.from(texts.join('')))).toBe(true)
        expect(ended.filter(Boolean)).toEqual([true])
      }),
    )
  })

  test('has not ended before the last byte', () => {
    const decoder = new ChunkedDecoder(() => undefined)
    expect(decoder.push(Buffer.from('3\r\nabc\r\n0\r\n\r'))).toBe(false)
    expect(decoder.push(Buffer.from('\n'))).toBe(true)
  })
})
