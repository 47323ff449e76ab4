import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cutText } from './cut-text.ts'

const max = 64 * 1024

it('a text of 64 KiB is whole, one byte more is cut', () => {
  expect(cutText('x'.repeat(max))).toEqual({ text: 'x'.repeat(max), truncated: false })
  expect(cutText('x'.repeat(max + 1))).toEqual({ text: 'x'.repeat(max), truncated: true })
})

it('what is left is a beginning of the text without half a character', () => {
  const characters = fc.constantFrom('a', 'é', '€', '😀')
  const property = fc.property(fc.array(characters, { minLength: 1, maxLength: 5 }), fc.nat(3), (some, shift) => {
    const text = 'a'.repeat(shift) + some.join('').repeat(Math.ceil(max / some.length))
    const cut = cutText(text)
    expect(text.startsWith(cut.text)).toBe(true)
    expect(cut.text).not.toContain('\ufffd')
    const bytes = Buffer.byteLength(cut.text)
    expect(bytes).toBeLessThanOrEqual(max)
    if (cut.truncated) expect(bytes).toBeGreaterThan(max - 4)
    else expect(cut.text).toBe(text)
  })
  fc.assert(property, { numRuns: 40 })
})
