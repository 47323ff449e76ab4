import { describe, expect, test } from 'vitest'
import { sampleApproval, samplePrompt, sampleQuestion } from '../../../test/support/sample-views.ts'
import { describePrompt, howToAnswer, titleOfPrompt } from './describe-prompt.ts'

const asking = (...questions: object[]) => samplePrompt({ payload: { questions } })

describe('a prompt', () => {
  test('that is a question shows its options, numbered, and the default', () => {
    const prompt = asking(
      sampleQuestion({ id: 'a', default: 'blue' }),
      sampleQuestion({ id: 'b', question: 'Which ones?', multiple: true }),
      sampleQuestion({ id: 'c', question: 'Two\nlines?', options: [], default: 'tea' }),
    )
    expect(titleOfPrompt(prompt)).toBe('Which color? | Which ones? | Two lines?')
    expect(describePrompt(prompt)).toEqual([
      'a: Which color?',
      '  1  red',
      '  2  blue (default)',
      'b: Which ones? (several, separated by commas)',
      '  1  red',
      '  2  blue',
      'c: Two\n  lines?',
      '  default: tea',
    ])
  })

  test('says what follows its name in the command that answers it', () => {
    expect(howToAnswer(samplePrompt())).toBe('<answer>')
    expect(howToAnswer(asking(sampleQuestion({ id: 'a' }), sampleQuestion({ id: 'b' })))).toBe(
      '--answer a=<answer> --answer b=<answer>',
    )
    expect(howToAnswer(sampleApproval())).toBe('--approve, or --deny')
  })

  test('that asks one thing does not show its id', () => {
    expect(describePrompt(samplePrompt())).toEqual(['Which color?', '  1  red', '  2  blue'])
  })

  test('that is no question shows every field, and escapes what could mislead', () => {
    const lines = describePrompt(sampleApproval())
    expect(lines).toEqual([
      'approval of write_file',
      '  tool       write_file',
      '  arguments  {"path":"a.txt","text":"pay \\u202e1"}',
      '  reason     It sends mail.\\u001b[2J',
      '  policy     {"name":"default"}',
    ])
  })

  test('of a kind that this client does not know the form of is shown as it is', () => {
    const budget = samplePrompt({ kind: 'budget', tool: null, payload: { spent: 5, wanted: { steps: 2 } } })
    expect(describePrompt(budget)).toEqual(['budget', '  spent   5', '  wanted  {"steps":2}'])
  })

  test('whose contents are purged says so', () => {
    expect(describePrompt(samplePrompt({ payload: null }))).toEqual(['question of ask_question [purged content]'])
  })

  test('shows a very long value from its beginning, and how much is left out', () => {
    const [, line = ''] = describePrompt(samplePrompt({ kind: 'approval', payload: { arguments: 'x'.repeat(20_007) } }))
    expect(line).toMatch(/x… \(7 characters more: --json shows all\)$/u)
  })
})
