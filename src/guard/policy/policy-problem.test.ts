import { expect, test } from 'vitest'
import { placeProblems } from './policy-problem.ts'

const found = (offset: number, message = `at ${offset}`) => ({ offset, message, hint: null })

test('problems come in the order of the text, each with its line and column', () => {
  const source = 'ab\n\ncd\r\nef'
  const places = placeProblems(
    'cedar',
    source,
    [9, 2, 0, 4, 3, 8, 10].map((offset) => found(offset)),
  )
  expect(places.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
    '1:1 at 0',
    '1:3 at 2',
    '2:1 at 3',
    '3:1 at 4',
    '4:1 at 8',
    '4:2 at 9',
    '4:3 at 10',
  ])
})

test('a text that begins with an empty line has its first words on the second', () => {
  expect(placeProblems('cedar', '\nab', [found(0), found(1), found(2)]).map((one) => [one.line, one.column])).toEqual([
    [1, 1],
    [2, 1],
    [2, 2],
  ])
})

test('lines without a problem are counted', () => {
  const places = placeProblems('cedar', 'ab\ncd\n\nef\ngh', [found(1), found(11)])
  expect(places.map(({ line, column }) => [line, column])).toEqual([
    [1, 2],
    [5, 2],
  ])
})

test('problems of one place keep the order in which they were found', () => {
  const places = placeProblems('document', 'a', [found(0, 'first'), found(0, 'second')])
  expect(places.map(({ message }) => message)).toEqual(['first', 'second'])
})

// Were each of them looked up with a copy of the text before it, a quarter of a terabyte would be copied.
test('of half a million problems the first twenty are told, after one pass over the text', () => {
  const source = 'x\n'.repeat(500_000)
  const problems = Array.from({ length: 500_000 }, (_, line) => found(source.length - 2 * line))
  const places = placeProblems('cedar', source, problems)
  expect(places.map(({ line }) => line)).toEqual(Array.from({ length: 20 }, (_, line) => line + 2))
})
