import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  coveredByAny,
  covers,
  intersectGrants,
  isCapability,
  touchesForbidden,
  withoutForbidden,
} from './capability.ts'

test('a grant covers by equality, by star, and by a prefix that ends in a star', () => {
  expect(covers('network:http:read', 'network:http:read')).toBe(true)
  expect(covers('*', 'anything:at:all')).toBe(true)
  expect(covers('network:*', 'network:http:read')).toBe(true)
  expect(covers('network:http:read', 'network:http')).toBe(false)
  expect(covers('network:http', 'network:http:read')).toBe(false)
  expect(covers('network:http:read', 'network:*')).toBe(false)
  expect(covers('network:*', '*')).toBe(false)
})

test('asking for a pattern is covered only by the same or a wider one', () => {
  const word = fc.stringMatching(/^[a-c]$/u)
  const capability = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(':'))
  fc.assert(
    fc.property(capability, capability, (a, b) => {
      if (covers(`${a}:*`, `${b}:*`)) expect(covers(`${a}:*`, `${b}:x`)).toBe(true)
      expect(covers(a, b)).toBe(a === b)
      expect(coveredByAny([], b)).toBe(false)
    }),
  )
})

test('only colon-separated words are capabilities', () => {
  for (const good of ['*', 'filesystem:read', 'database:read:patient_data', 'network:*', 'a', 'x'.repeat(200)]) {
    expect(isCapability(good), good).toBe(true)
  }
  for (const bad of [
    '',
    ':',
    'a:',
    ':a',
    'a::b',
    'A:b',
    'a b',
    'a*',
    '**',
    'a:*:b',
    'x'.repeat(201),
    `${'a:'.repeat(100)}a`,
  ]) {
    expect(isCapability(bad), bad).toBe(false)
  }
})

test('a star that nothing grants covers nothing but itself, and one grant of several is enough', () => {
  expect(covers('*', '')).toBe(true)
  expect(covers('network:*', 'networks')).toBe(false)
  expect(covers('network:*', 'network')).toBe(false)
  expect(coveredByAny(['files:read', 'network:*'], 'network:http')).toBe(true)
  expect(coveredByAny(['files:read', 'network:*'], 'files:write')).toBe(false)
})

test.each<[string[], string[], string[]]>([
  [[], ['a'], []],
  [['a'], [], []],
  [['a', 'b'], ['b', 'c'], ['b']],
  [['a:*'], ['a:b', 'c'], ['a:b']],
  [['a:b', 'c'], ['a:*'], ['a:b']],
  [['*'], ['b', 'a:*'], ['b', 'a:*']],
  [['b', 'a:*'], ['*'], ['b', 'a:*']],
  [
    ['a:*', 'a:b'],
    ['a:b:*', 'a:b'],
    ['a:b:*', 'a:b'],
  ],
])('the grants that %j and %j both cover are %j', (left, right, both) => {
  expect(intersectGrants(left, right)).toEqual(both)
})

test('a capability is covered by an intersection exactly where both sets cover it', () => {
  const grant = fc.constantFrom('*', 'a', 'a:*', 'a:b', 'a:b:*', 'b', 'b:*')
  const wanted = fc.constantFrom('a', 'b', 'a:b', 'a:c', 'a:b:c', 'b:a', 'c')
  fc.assert(
    fc.property(fc.array(grant), fc.array(grant), wanted, (left, right, one) => {
      const both = coveredByAny(left, one) && coveredByAny(right, one)
      expect(coveredByAny(intersectGrants(left, right), one)).toBe(both)
    }),
  )
})

test('a grant goes where all of it is forbidden, and stays where only a part is', () => {
  expect(withoutForbidden(['a:b', 'a:*', 'c', '*'], ['a:*'])).toEqual(['c', '*'])
  expect(withoutForbidden(['a:*', 'c'], ['a:b'])).toEqual(['a:*', 'c'])
  expect(withoutForbidden(['a'], [])).toEqual(['a'])
})

test('a wanted capability touches what is forbidden where one of the two covers the other', () => {
  expect(touchesForbidden(['x', 'a:*'], 'a:b')).toBe(true)
  expect(touchesForbidden(['x', 'a:b'], 'a:*')).toBe(true)
  expect(touchesForbidden(['x', 'a:b'], 'a:c')).toBe(false)
  expect(touchesForbidden([], 'a:b')).toBe(false)
})
