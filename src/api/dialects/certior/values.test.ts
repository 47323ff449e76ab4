import { expect, test } from 'vitest'
import { centsOf, epochSecondsOf, executionIdOf, taskIdOf, wholeCentsOf } from './values.ts'

test.each([
  [0, 0, 0],
  [1, 1, 0],
  [9_999, 1, 0],
  [10_000, 1, 1],
  [10_001, 2, 1],
])('%i micro-dollars are a cost of %i cents and a budget of %i', (microsUsd, cost, budget) => {
  expect([centsOf(microsUsd), wholeCentsOf(microsUsd)]).toEqual([cost, budget])
})

test('an instant is told in seconds with their fraction', () => {
  expect(epochSecondsOf(1_500)).toBe(1.5)
})

const taskId = '0199b000-1234-7abc-8def-00000000abcd'
const shown = 'exec_0199b00012347abc8def00000000abcd'

test('the id of an execution is that of its task, without dashes', () => {
  expect(executionIdOf(taskId)).toBe(shown)
  expect(taskIdOf(shown)).toBe(taskId)
})

test.each([
  '',
  taskId,
  shown.slice(5),
  `x${shown}`,
  `${shown}0`,
  shown.slice(0, -1),
  shown.toUpperCase(),
  shown.replace('abc', 'xyz'),
  `exec_${taskId}`,
])('%j is the id of no execution', (text) => {
  expect(taskIdOf(text)).toBeUndefined()
})
