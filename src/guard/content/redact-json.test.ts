import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redactJson } from './redact-json.ts'

test('whatever stretch is taken, the document stays one, with no half of an escape or of a character', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '\u0001', '😀', 'é') })
  const value = fc.dictionary(text, fc.oneof(text, fc.integer(), fc.constant(null), fc.array(text)), { minKeys: 1 })
  fc.assert(
    fc.property(value, fc.boolean(), fc.nat(), fc.nat({ max: 12 }), (object, escapes, from, length) => {
      const plain = JSON.stringify(object)
      const json = escapes
        ? plain.replace(/[\ud800-\udfff]/g, (half) => `\\u${half.charCodeAt(0).toString(16)}`)
        : plain
      const start = from % json.length
      const redacted = redactJson(json, [{ start, end: Math.min(start + 1 + length, json.length), standIn: '[x]' }])
      const parsed = JSON.parse(redacted)
      expect(Object.keys(parsed)).toHaveLength(Object.keys(object).length)
      expect(JSON.stringify(parsed).isWellFormed()).toBe(true)
      expect(JSON.stringify(parsed)).not.toMatch(/\\ud[89a-f]/)
    }),
    { numRuns: 1000 },
  )
})
