import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findLoneSurrogate, isNestedDeeper, type JsonValue, toWellFormedJson } from './json.ts'

const half = fc.constantFrom('\ud800', '\udfff', 'a', '\u{1f600}', '__proto__')
const oddText = fc.string({ unit: half, maxLength: 4 })
const oddJson = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, 1),
    oddText,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(oddText, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value

const nested = (levels: number): JsonValue => (levels === 0 ? 1 : { a: nested(levels - 1) })

test('a value is nested deeper than a bound exactly where it has more levels', () => {
  for (const levels of [0, 1, 2, 64]) {
    expect(isNestedDeeper(nested(levels), levels)).toBe(false)
    expect(isNestedDeeper([nested(levels)], levels)).toBe(true)
  }
  expect(isNestedDeeper(null, 0)).toBe(false)
  expect(isNestedDeeper([], 0)).toBe(true)
  expect(isNestedDeeper([1, { a: 1 }], 1)).toBe(true)
})

test('a well-formed value is the one that its UTF-8 says, and one without lone surrogates is the same object', () => {
  fc.assert(
    fc.property(oddJson, (value) => {
      const mended = toWellFormedJson(value)
      expect(findLoneSurrogate(mended)).toBeUndefined()
      if (findLoneSurrogate(value) === undefined) expect(mended).toBe(value)
    }),
  )
  const mended = toWellFormedJson(JSON.parse('{"a\\ud800":["\\udfff!"],"__proto__":{"b":"\\ud800"}}'))
  expect(JSON.stringify(mended)).toBe('{"a\ufffd":["\ufffd!"],"__proto__":{"b":"\ufffd"}}')
  expect(toWellFormedJson(['\ud800', 7, true, null, 'x'])).toEqual(['\ufffd', 7, true, null, 'x'])
})

test('a lone surrogate is found by the names on the way to it, in a text or in a name', () => {
  expect(findLoneSurrogate('\ud83d')).toEqual([])
  expect(findLoneSurrogate({ a: 'x', b: [{ c: 'ok' }, { c: '\ude00' }] })).toEqual(['b', '1', 'c'])
  expect(findLoneSurrogate({ a: { '\ud800': 1 } })).toEqual(['a', '\ufffd'])
  expect(findLoneSurrogate({ a: '\u{1f600}', b: 1, c: null })).toBeUndefined()
  expect(findLoneSurrogate(undefined)).toBeUndefined()
})
