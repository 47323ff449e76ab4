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

test('names that would be one are numbered, past the numbers that stand there already', () => {
  const json = '{"a":1,"b":2,"[x] 3":3,"c":4,"d":5}'
  const redactions = ['"a"', '"b"', '"c"', '"d"'].map((name) => {
    const start = json.indexOf(name) + 1
    return { start, end: start + 1, standIn: '[x]' }
  })
  expect(redactJson(json, redactions)).toBe('{"[x]":1,"[x] 2":2,"[x] 3":3,"[x] 4":4,"[x] 5":5}')
})

// Counted up from 2 for each name, they would take five billion looks: minutes, and not the moment that a pass takes.
test('a hundred thousand names that become one are numbered in one pass', () => {
  const names = Array.from({ length: 100_000 }, (_, n) => [`name ${n}`, n] as const)
  const json = JSON.stringify(Object.fromEntries(names))
  const redacted = JSON.parse(redactJson(json, [{ start: 0, end: json.length, standIn: '[x]' }]))
  expect(Object.keys(redacted)).toHaveLength(names.length)
  expect(Object.keys(redacted).at(-1)).toBe('[x] 100000')
})
