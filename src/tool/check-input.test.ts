import { describe, expect, test } from 'vitest'
import { checkInput } from './check-input.ts'

const schema = {
  type: 'object',
  properties: {
    path: { type: 'string', minLength: 1, maxLength: 5 },
    kind: { enum: ['a', 'b'] },
    items: { type: 'array', items: { type: 'object', properties: { 'n/m': { type: 'integer' } } } },
  },
  required: ['path', 'kind'],
  additionalProperties: false,
}

describe('checking the input of a tool', () => {
  test('what fits has no errors', () => {
    expect(checkInput(schema, { path: 'x', kind: 'a', items: [{ 'n/m': 1 }] })).toEqual([])
  })

  test.each([
    [{}, ['path: is required', 'kind: is required']],
    [{ path: 'x', kind: 'a', more: 1, other: null }, ['more: is not known', 'other: is not known']],
    [{ path: 1, kind: 'z' }, ['path: must be string', 'kind: must be one of: a, b']],
    [{ path: 'x', kind: 'a', items: [{}, { 'n/m': 'one' }] }, ['items.1.n/m: must be integer']],
    [{ path: '', kind: 'a' }, ['path: must not have fewer than 1 characters']],
    ['text', [': must be object']],
    [null, [': must be object']],
    [undefined, [': must be object']],
  ])('%j names each bad field', (value, expected) => {
    expect(checkInput(schema, value).map(({ field, message }) => `${field}: ${message}`)).toEqual(expected)
  })

  test('names at most ten fields', () => {
    const value = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`f${index}`, 1]))
    const { length } = checkInput(schema, value)
    expect(length).toBeGreaterThan(1)
    expect(length).toBeLessThanOrEqual(10)
  })

  test('a schema with its own definitions works', () => {
    const recursive = {
      type: 'object',
      properties: { tree: { $ref: '#/$defs/tree' } },
      $defs: { tree: { type: 'object', properties: { left: { $ref: '#/$defs/tree' } }, additionalProperties: false } },
    }
    expect(checkInput(recursive, { tree: { left: { left: {} } } })).toEqual([])
    expect(checkInput(recursive, { tree: { left: { right: {} } } })).toHaveLength(1)
  })

  test('what is no schema is a defect', () => {
    expect(() => checkInput('x', {})).toThrow('Not a schema')
  })
})
