import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isNestedDeeper } from '../../domain/json.ts'
import { findDeepField } from './find-deep-field.ts'

const levels = 2

test('the first field that is nested too deep is named, whatever its texts hold', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      const found = findDeepField(text, levels)
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
  expect(findDeepField(text, levels)).toBe(field)
})
