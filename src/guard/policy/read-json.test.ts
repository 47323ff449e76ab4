import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MisplacedJson, readJson } from './read-json.ts'

const failureOf = (source: string): { offset: number; message: string } | undefined => {
  try {
    readJson(source)
    return undefined
  } catch (error) {
    if (error instanceof MisplacedJson) return { offset: error.offset, message: error.message }
    throw error
  }
}

test('what JSON.stringify writes is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 2), (value, indent) => {
      const source = JSON.stringify(value, null, indent)
      const hasControls = /[\u007f-\u009f]/u.test(source)
      if (!hasControls) expect(readJson(source).value).toEqual(JSON.parse(source))
    }),
  )
})

test('what JSON.parse refuses is refused', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"b"',
    '1',
    '-',
    '01',
    'true',
    'nul',
    ' ',
    '\n',
    '"',
    '\\',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
      const source = pieces.join('')
      let parses = true
      try {
        JSON.parse(source)
      } catch {
        parses = false
      }
      if (!parses) expect(failureOf(source)).toBeDefined()
    }),
    { numRuns: 2_000 },
  )
})

test('each value and each name is found where it stands', () => {
  const source = '{ "a": [10,\n  {"b/c": null}],\n"~": "x" }'
  const { values, names } = readJson(source)
  const at = (offset: number | undefined) => source.slice(offset).split(/[\s,\]}]/u)[0]
  expect(at(values.get('/a/0'))).toBe('10')
  expect(at(values.get('/a/1/b~1c'))).toBe('null')
  expect(at(names.get('/a/1/b~1c'))).toBe('"b/c":')
  expect(at(values.get('/~0'))).toBe('"x"')
  expect(values.get('')).toBe(0)
})

test.each([
  ['{"a": 1,}', 8],
  ['{"a" 1}', 5],
  ['[1 2]', 3],
  ['{"a": x}', 6],
  ['{} {}', 3],
  ['', 0],
  ['"a\nb"', 0],
  ['{"a": 1, "b": 2, "a": 3}', 17],
  ['{"__proto__": 1, "__proto__": 2}', 17],
])('%j fails at %i', (source, offset) => {
  expect(failureOf(source)?.offset).toBe(offset)
})

test.each([
  ['', 'A value is missing here, or is not JSON.'],
  ['[nul]', 'A value is missing here, or is not JSON.'],
  ['[1 2]', 'A "," or "]" is missing here.'],
  ['{"a" 1}', 'A ":" is missing here.'],
  ['{"a": 1 "b": 2}', 'A "," or "}" is missing here.'],
  ['{a: 1}', 'A name in double quotes is missing here.'],
  ['{"a": 1, "a": 2}', 'The name "a" stands here a second time.'],
  ['{} {}', 'The text goes on after its end.'],
])('of %j it is said that %s', (source, message) => {
  expect(() => readJson(source)).toThrow(expect.objectContaining({ name: 'MisplacedJson', message }))
})

test.each([
  ['a list', '[', ']'],
  ['an object', '{"a":', '}'],
])('%s may hold another one 32 deep, and no deeper', (_what, opens, closes) => {
  const nested = (depth: number) => `${opens.repeat(depth)}1${closes.repeat(depth)}`
  expect(failureOf(nested(32))).toBeUndefined()
  expect(failureOf(nested(33))).toEqual({ offset: 33 * opens.length, message: 'Nested more than 32 deep.' })
})

test('nesting ends at a bound, a long text does not', () => {
  expect(failureOf('['.repeat(100_000))?.message).toContain('32 deep')
  const long = 'é"\\'.repeat(50_000)
  expect(readJson(JSON.stringify([long])).value).toEqual([long])
})

test('a name from the prototype is a name like any other', () => {
  const { value } = readJson('{"__proto__": {"x": 1}}')
  expect(JSON.stringify(value)).toBe('{"__proto__":{"x":1}}')
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
})
