import { expect, test } from 'vitest'
import { findRuleProblem, labelsOfPath } from './path-labels.ts'

const limits = { path_chars_max: 512, path_label_chars_max: 8_000 }
const rule = (path: string, ...labels: string[]) => ({ path, labels })

test('a path brings the labels of every rule that names it', () => {
  const rules = [rule('hr/**', 'hr'), rule('**/*.csv', 'table', 'bulk'), rule('legal/*', 'legal')]
  expect(labelsOfPath(rules, 'hr/2026/staff.csv', limits)).toEqual(['hr', 'table', 'bulk'])
  expect(labelsOfPath(rules, 'notes.txt', limits)).toEqual([])
})

test('a rule that cannot be read brings its labels with every path', () => {
  expect(labelsOfPath([rule('!(a)', 'all'), rule('{a,b}'.repeat(18), 'many')], 'x', limits)).toEqual(['all', 'many'])
})

test('a path that is longer than any file brings all labels', () => {
  expect(labelsOfPath([rule('hr/*', 'hr'), rule('legal/*', 'legal')], 'x'.repeat(513), limits)).toEqual(['hr', 'legal'])
  expect(labelsOfPath([rule('hr/*', 'hr')], 'x'.repeat(512), limits)).toEqual([])
})

test('the rules of a run are compiled once', () => {
  let compilations = 0
  const rules = [
    {
      get path() {
        compilations += 1
        return 'hr/*'
      },
      labels: ['hr'],
    },
  ]
  for (const path of ['hr/a', 'hr/b']) expect(labelsOfPath(rules, path, limits)).toEqual(['hr'])
  expect(compilations).toBe(1)
})

test('rules that are too long together are told from the one with which they are', () => {
  const rules = Array.from({ length: 30 }, (_, n) => rule(`${'x'.repeat(297)}/${n}`, 'x'))
  expect(findRuleProblem(rules.slice(0, 26), 8_000)).toBeUndefined()
  expect(findRuleProblem(rules, 8_000)).toMatchObject({ index: 26, isTooLong: true })
  expect(findRuleProblem([rule('a', 'x'), rule('a\\b', 'x')], 8_000)).toMatchObject({ index: 1, isTooLong: false })
})
