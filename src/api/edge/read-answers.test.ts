import { expect, test } from 'vitest'
import type { JsonValue } from '../../domain/json.ts'
import type { QuestionItem } from '../../domain/prompt.ts'
import { answersByName } from './read-answers.ts'

const item = (id: string, multiple = false): QuestionItem => ({
  id,
  question: `${id}?`,
  options: multiple ? ['red', 'blue'] : [],
  multiple,
  default: null,
})
const color = item('color')
const colors = item('colors', true)

test.each<[string, QuestionItem[], JsonValue, JsonValue]>([
  ['one answer belongs to the one question', [color], 'red', { color: 'red' }],
  ['a list of one belongs to the one question', [color], ['red'], { color: 'red' }],
  ['answers with names are taken as they are', [color], { color: 'red' }, { color: 'red' }],
  ['a list of two is no answer to one question, and left to be refused', [color], ['a', 'b'], { color: ['a', 'b'] }],
  ['an empty list is left to be refused', [color], [], { color: [] }],
  ['one option of several is a choice', [colors], 'red', { colors: ['red'] }],
  ['a list of options is the choice', [colors], ['red', 'blue'], { colors: ['red', 'blue'] }],
  ['a list with the choice is the choice', [colors], [['red', 'blue']], { colors: ['red', 'blue'] }],
  ['a list is in the order of the questions', [color, colors], ['red', ['blue']], { color: 'red', colors: ['blue'] }],
  ['a list may hold one option for a choice', [color, colors], ['red', 'blue'], { color: 'red', colors: ['blue'] }],
  ['a list that is too short lacks answers', [color, colors], ['red'], { color: 'red' }],
  ['a list that is too long is left to be refused', [color, colors], ['a', 'b', 'c'], ['a', 'b', 'c']],
  ['one answer to two questions is left to be refused', [color, colors], 'red', 'red'],
  ['answers to nothing are left to be refused', [], ['red'], ['red']],
])('%s', (_fact, questions, answers, named) => {
  expect(answersByName(questions, answers)).toEqual(named)
})
