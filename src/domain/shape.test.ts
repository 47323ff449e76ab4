import { expect, test } from 'vitest'
import {
  anyObject,
  type Check,
  count,
  digest,
  flag,
  id,
  listOf,
  mapOf,
  matching,
  nullable,
  object,
  oneOf,
  onlyTrue,
  optional,
  record,
  text,
  whole,
} from './shape.ts'

const problemOf = (check: Check, value: unknown) => check(value, 'it')?.problem

const hex = '0123456789abcdef'.repeat(4)
const pair = object({ name: text, size: optional(count) })

/** Each check, in words, with values that fit, and values that do not with the problem they have. */
const cases: readonly [
  name: string,
  check: Check,
  fitting: unknown[],
  problems: [value: unknown, problem: string][],
][] = [
  [
    'anyObject',
    anyObject,
    [{}, { a: 1 }, Object.create(null)],
    [null, [], 'x', 7, undefined].map((value) => [value, 'it is not an object']),
  ],
  ['text', text, ['', 'x'], [7, null, undefined, ['x']].map((value) => [value, 'it is not a text'])],
  ['flag', flag, [true, false], ['true', 1, null].map((value) => [value, 'it is not true or false'])],
  ['onlyTrue', onlyTrue, [true], [false, 'true', 1].map((value) => [value, 'it is not true'])],
  [
    'whole',
    whole,
    [0, -7, Number.MAX_SAFE_INTEGER],
    [1.5, '1', 2 ** 53, Number.NaN, null].map((value) => [value, 'it is not a whole number']),
  ],
  [
    'count',
    count,
    [0, 1, Number.MAX_SAFE_INTEGER],
    [-1, 0.5, '0', 2 ** 53, null].map((value) => [value, 'it is not a whole number from 0 on']),
  ],
  ['id', id, ['x', '\n', 'a b'], ['', 7].map((value) => [value, 'it is not an id'])],
  [
    'digest',
    digest,
    [`sha256:${hex}`],
    [hex, `sha256:${hex}0`, `sha256:${hex.slice(1)}`, `xsha256:${hex}`, `sha256:${hex.toUpperCase()}`, 7].map(
      (value) => [value, 'it is not a digest'],
    ),
  ],
  ['matching', matching(/^7/u, 'a seven'), ['7', '77'], ['8', 7].map((value) => [value, 'it is not a seven'])],
  ['oneOf', oneOf(['a', 'b']), ['a', 'b'], ['c', '', 7, ['a']].map((value) => [value, 'it is not one of a, b'])],
  ['nullable', nullable(text), [null, 'x'], [7, undefined].map((value) => [value, 'it is not a text'])],
  [
    'listOf',
    listOf(text),
    [[], ['a', 'b']],
    [
      [{}, 'it is not a list'],
      ['ab', 'it is not a list'],
      [['a', 7], 'it[1] is not a text'],
      [[7, 'a'], 'it[0] is not a text'],
    ],
  ],
  [
    'mapOf',
    mapOf(count),
    [{}, { a: 1, b: 2 }],
    [
      [[], 'it is not an object'],
      [null, 'it is not an object'],
      [{ a: 1, 'b"': -1 }, 'it["b\\""] is not a whole number from 0 on'],
      [{ a: -1, b: 1 }, 'it["a"] is not a whole number from 0 on'],
    ],
  ],
  [
    'object',
    pair,
    [{ name: 'x' }, { name: 'x', size: 7 }],
    [
      [[], 'it is not an object'],
      [undefined, 'it is not an object'],
      [{ name: 'x', 'si"ze': 7 }, 'it has the unknown field "si\\"ze"'],
      [{ size: 7 }, 'it lacks name'],
      [{ name: 7, size: 7 }, 'it.name is not a text'],
      [{ name: 'x', size: -1 }, 'it.size is not a whole number from 0 on'],
      [{ name: 'x', size: undefined }, 'it.size is not a whole number from 0 on'],
      [JSON.parse('{"name":"x","__proto__":1}'), 'it has the unknown field "__proto__"'],
      [Object.create({ name: 'x' }), 'it lacks name'],
    ],
  ],
  [
    'record',
    record<{ name: string }>({ name: text }),
    [{ name: 'x' }],
    [
      [{}, 'it lacks name'],
      [{ name: 'x', more: 1 }, 'it has the unknown field "more"'],
    ],
  ],
]

test.each(cases)(
  '%s accepts what fits and says what is wrong with anything else',
  (_name, check, fitting, problems) => {
    for (const value of fitting) expect(problemOf(check, value), JSON.stringify(value)).toBeUndefined()
    expect(problems.map(([value]) => problemOf(check, value))).toEqual(problems.map(([, problem]) => problem))
  },
)

test('a field of an object must be there unless it is optional', () => {
  const shape = object({ name: text, size: optional(count) })
  expect(problemOf(shape, { size: 1 })).toBe('it lacks name')
  expect(problemOf(shape, { name: 'x' })).toBeUndefined()
  expect(problemOf(shape, { name: 'x', size: -1 })).toBe('it.size is not a whole number from 0 on')
})

test('a problem within a value is found by the path that leads to it', () => {
  const shape = object({ people: listOf(object({ ages: mapOf(nullable(count)) })) })
  expect(problemOf(shape, { people: [{ ages: { ann: null } }, { ages: { bob: -1 } }] })).toBe(
    'it.people[1].ages["bob"] is not a whole number from 0 on',
  )
})
