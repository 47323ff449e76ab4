import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isNestedDeeper } from '../../domain/json.ts'
import { createJsonScanner } from './json-scanner.ts'

const levels = 2

/** Handed over in two pieces, cut anywhere. */
function scan(text: string, cut = 0) {
  const bytes = Buffer.from(text)
  const scanner = createJsonScanner(levels)
  scanner.add(bytes.subarray(0, cut))
  scanner.add(bytes.subarray(cut))
  return scanner
}
const findDeepField = (text: string, cut?: number) => scan(text, cut).deepField

test('the first field that is nested too deep is named, whatever its texts hold', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1), fc.nat(200), (value, indent, cut) => {
      const text = JSON.stringify(value, null, indent)
      const found = findDeepField(text, cut)
      if (!isNestedDeeper(value, levels + 1)) expect(found).toBeUndefined()
      else if (Array.isArray(value)) expect(found).toBe('')
      else {
        // Names that are numbers come first in an object, and so in its text.
        const entries = Object.entries(value as object)
        expect(found).toBe(entries.find(([, inner]) => isNestedDeeper(inner, levels))?.[0].toWellFormed())
      }
    }),
  )
})

test.each([
  ['{"a":[[1]]}', undefined],
  ['{"a":[[[1]]]}', 'a'],
  ['{"a":"[[[[","b":[[[1]]]}', 'b'],
  ['{"a\\"":"\\\\","b\\\\":[[[1]]]}', 'b\\'],
  ['{"x":"y" , "\\u0061" : {"b":{"c":{}}}}', 'a'],
  ['[[[[1]]]]', ''],
  [' ["x", [[[1]]]]', ''],
  ['{"a":[[1]],"b":[[1]]}', undefined],
  [`{"a":${'['.repeat(1_000_000)}`, 'a'],
  ['{"a":"', undefined],
  ['}}}}', undefined],
  ['', undefined],
])('of %.40s it is %j', (text, field) => {
  expect(findDeepField(text)).toBe(field)
})

test('values are counted wherever they stand, and commas and brackets in texts are none', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.nat(200), (value, cut) => {
      expect(scan(JSON.stringify(value), cut).values).toBe(countValues(value))
    }),
  )
  expect(scan('["[,{", "\\",[,{"]').values).toBe(2)
})

/** Commas and opening brackets. */
function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const inner = Object.values(value)
  return 1 + Math.max(0, inner.length - 1) + inner.reduce((sum: number, one) => sum + countValues(one), 0)
}

test.each([
  ['"\\ud800"', true],
  ['"\\uDfFf"', true],
  ['"\\uD9"', true],
  ['"\\\\ud800"', false],
  ['"\\u0d80"', false],
  ['"\\ud7ff"', false],
  ['"\\u\\ud"', false],
  ['\\ud800', false],
])('of %s it is %j that it may hold a surrogate, wherever it is cut', (text, expected) => {
  for (let cut = 0; cut <= text.length; cut += 1) expect(scan(text, cut).hasSurrogateEscape).toBe(expected)
})
