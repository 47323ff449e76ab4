import { expect, test } from 'vitest'
import type { QuestionItem } from '../../../domain/prompt.ts'
import { fieldsOf, readAnswerForm } from './read-answer-form.ts'

const item = (id: string, options: readonly string[] = [], multiple = false): QuestionItem => ({
  ...{ id, question: '?', options, multiple, default: null },
})
const read = (text: string, ...items: readonly QuestionItem[]) =>
  readAnswerForm(fieldsOf(new URLSearchParams(text)), items)

test('choices are read by their places, and texts as they were typed', () => {
  const items = [item('one', ['red', 'blue']), item('some', ['a', 'b', 'c'], true), item('text')]
  expect(read('outcome=answered&a0=1&a1=2&a1=0&a2=x%0D%0Ay&message=ok&version=3', ...items)).toEqual({
    outcome: 'answered',
    data: { answers: { one: 'blue', some: ['c', 'a'], text: 'x\ny' } },
    message: 'ok',
    version: 3,
  })
})

test.each(['', 'a0=', 'a0=2', 'a0=-1', 'a0=red', 'a0=0.0'])('%j chooses nothing', (text) => {
  expect(read(`outcome=answered&${text}`, item('one', ['red', 'blue'])).data).toEqual({ answers: { one: '' } })
})

test('only an answered question has data, and an empty note is none', () => {
  const denied = { outcome: 'denied', data: undefined, message: undefined, version: undefined }
  expect(read('outcome=denied&message=&a0=0', item('one', ['red']))).toEqual(denied)
})

test.each(['', 'outcome=', 'outcome=yes'])('%j is refused: no button was pressed', (text) => {
  expect(() => read(text)).toThrow('Press one of the buttons.')
})

test('a JSON object has the same fields, and what is neither text nor texts is left out', () => {
  const fields = fieldsOf({ outcome: 'answered', a0: ['0', 1, { x: 1 }], a1: null })
  expect([...fields]).toEqual([
    ['outcome', ['answered']],
    ['a0', ['0']],
    ['a1', []],
  ])
  for (const body of [undefined, null, 'text', 5]) expect(fieldsOf(body).size).toBe(0)
})
