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

// The units of the document are numbered below it: 0 is its first brace, 7 and 8 are c and d, 15 and 16 are the number.
const small = '{"ab":"cd","e":12}'

test.each<[string, [start: number, end: number, standIn: string][], string]>([
  ['a part of a string', [[7, 8, '[x]']], '{"ab":"[x]d","e":12}'],
  ['a part of each of several values', [[8, 16, '[x]']], '{"ab":"c[x]","[x]":"[x]"}'],
  [
    'two parts of one string',
    [
      [7, 8, '[x]'],
      [8, 9, '[y]'],
    ],
    '{"ab":"[x][y]","e":12}',
  ],
  ['a part of a number', [[16, 17, '[x]']], '{"ab":"cd","e":"[x]"}'],
  ['the colon before a number', [[14, 15, '[x]']], small],
  ['the brace after a number', [[17, 18, '[x]']], small],
  ['the quote that ends a string', [[9, 10, '[x]']], small],
  ['the quote that begins a string', [[6, 7, '[x]']], small],
  ['the quote that begins a name', [[1, 2, '[x]']], small],
  ['the quote that ends a name', [[4, 5, '[x]']], small],
])('of a document %s is replaced, and its structure stays', (_what, places, redacted) => {
  expect(
    redactJson(
      small,
      places.map(([start, end, standIn]) => ({ start, end, standIn })),
    ),
  ).toBe(redacted)
})

test('values that become one are not numbered, and a name is not numbered for a value', () => {
  const json = '{"a":"[x]","b":"v","c":"w"}'
  const redactions = ['a"', 'v"', 'w"'].map((text) => ({ start: json.indexOf(text), end: json.indexOf(text) + 1 }))
  expect(
    redactJson(
      json,
      redactions.map((place) => ({ ...place, standIn: '[x]' })),
    ),
  ).toBe('{"[x]":"[x]","b":"[x]","c":"[x]"}')
})

test('a name that reads like one with a number is numbered itself', () => {
  const json = '{"a":1,"b":2,"c":3}'
  const redactions = ['[x]', '[x]', '[x] 2'].map((standIn, index) => {
    const start = json.indexOf('abc'.charAt(index))
    return { start, end: start + 1, standIn }
  })
  expect(redactJson(json, redactions)).toBe('{"[x]":1,"[x] 2":2,"[x] 2 2":3}')
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

test.each([
  '-0',
  '-12.5e+3',
  '0.5E-7',
  '1e9',
  'true',
  'false',
  'null',
  String.raw`"x\"y"`,
  String.raw`"\\"`,
  String.raw`"\\\\\"\\"`,
  '""',
  '","',
])('the value %s is replaced as a whole, and nothing beside it', (value) => {
  const json = `[1,${value},2]`
  const inside = value.startsWith('"') ? 4 : 3
  const redacted = redactJson(json, [{ start: inside, end: 2 + value.length, standIn: '[x]' }])
  expect(redacted).toBe(value === '""' ? json : '[1,"[x]",2]')
})

test.each([
  ['😀', 2],
  [String.raw`\n`, 2],
  [String.raw`\"`, 2],
  [String.raw`\\n`, 2],
  [String.raw`\u0041BCD`, 6],
  [String.raw`\uD800\uDC00`, 12],
  [String.raw`\ud83d\ude00`, 12],
  [String.raw`\udBFF\udFFF`, 12],
  [String.raw`\udbff\udfffa`, 12],
  [String.raw`\u0041\ude00`, 6],
  [String.raw`\ud83d\u0041`, 6],
  [String.raw`\ud7ff\udc00`, 6],
  [String.raw`\ud83d\udbff`, 6],
  [String.raw`\ud83d\ue000`, 6],
  [String.raw`\ude00\ude00`, 6],
  [String.raw`\u00e9\ude00`, 6],
  [String.raw`\ud83d ude00`, 6],
  ['é😀', 1],
])('whichever part of the first character of %s is taken, all of it goes, and no more', (text, units) => {
  const json = `["a${text}b"]`
  for (let start = 3; start < 3 + units; start += 1) {
    const redacted = redactJson(json, [{ start, end: start + 1, standIn: '[x]' }])
    expect(redacted).toBe(`["a[x]${text.slice(units)}b"]`)
  }
})

test('of two redactions that share a character the first takes it, and the other what is left of its own', () => {
  const json = String.raw`["\u0041b"]`
  const redact = (end: number) =>
    redactJson(json, [
      { start: 2, end: 5, standIn: '[x]' },
      { start: 5, end, standIn: '[y]' },
    ])
  expect(redact(8)).toBe('["[x]b"]')
  expect(redact(9)).toBe('["[x][y]"]')
})

test('a name before white space and a colon is numbered too, and a value before a comma is not', () => {
  const json = '{"a" \n\t: "a", "b":"b" , "c" :3}'
  const redactions = [...json.matchAll(/[abc]/g)].map(({ index }) => ({ start: index, end: index + 1, standIn: 'x' }))
  expect(redactJson(json, redactions)).toBe('{"x" \n\t: "x", "x 2":"x" , "x 3" :3}')
})

// Were each string compared with each redaction, that would take ten billion looks.
test('a hundred thousand redactions of as many strings are applied in one pass', () => {
  const json = JSON.stringify(Array.from({ length: 100_000 }, () => 'ab'))
  const redactions = [...json.matchAll(/a/g)].map(({ index }) => ({ start: index, end: index + 1, standIn: 'x' }))
  expect(redactJson(json, redactions)).toBe(json.replaceAll('a', 'x'))
})
