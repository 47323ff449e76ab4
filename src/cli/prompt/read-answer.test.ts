import { describe, expect, test } from 'vitest'
import { answersData, readAnswer } from './read-answer.ts'

const item = (options: string[], multiple = false) => ({
  id: 'answer',
  question: 'q?',
  options,
  multiple,
  default: null,
})

describe('what a person types', () => {
  test('is the answer itself where there is nothing to choose from', () => {
    expect(readAnswer(item([]), '  to be, or 2 be ')).toEqual({ fits: true, value: 'to be, or 2 be' })
  })

  test.each([
    ['red', 'red'],
    [' 2 ', 'Blue'],
    ['blue', 'Blue'],
    ['20', '20'],
    ['3', '20'],
  ])('%j names the option %j', (typed, option) => {
    expect(readAnswer(item(['red', 'Blue', '20']), typed)).toEqual({ fits: true, value: option })
  })

  test('names an option by its text rather than by the number of another', () => {
    expect(readAnswer(item(['2', '1']), '1')).toEqual({ fits: true, value: '1' })
  })

  test.each(['', ' ', '0', '3', 'green', 're', 'red, blue'])('%j names none of two options', (typed) => {
    expect(readAnswer(item(['red', 'blue']), typed)).toMatchObject({ fits: false })
  })

  test('that two options are in other letters names neither', () => {
    expect(readAnswer(item(['red', 'RED']), 'Red')).toEqual({ fits: false, problem: 'It takes one of: 1 red, 2 RED.' })
  })

  test('names several options where that is allowed, each once', () => {
    const several = item(['red', 'blue', 'a, b'], true)
    expect(readAnswer(several, 'blue, 1,red')).toEqual({ fits: true, value: ['blue', 'red'] })
    expect(readAnswer(several, 'a, b')).toEqual({ fits: true, value: ['a, b'] })
    expect(readAnswer(several, 'red, green')).toMatchObject({ fits: false })
  })

  test('is told what it may be, with what could mislead escaped', () => {
    expect(readAnswer(item(['a\u202eb']), 'x')).toEqual({ fits: false, problem: 'It takes one of: 1 a\\u202eb.' })
  })

  test('becomes the data that the schema of the prompt asks for', () => {
    expect(
      answersData(
        new Map<string, string | string[]>([
          ['a', '1'],
          ['b', ['2']],
        ]),
      ),
    ).toEqual({
      answers: { a: '1', b: ['2'] },
    })
  })
})
