import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Instruction } from './parse-instructions.ts'
import { formatInstructions, parseInstructions } from './parse-instructions.ts'

const word = fc
  .stringMatching(/^[a-z0-9äß.!"'/_-]{1,12}$/)
  .filter((text) => !['then', 'to', 'in', 'slowly', 'and', 'within'].includes(text))
const words = fc.array(word, { minLength: 1, maxLength: 6 }).map((list) => list.join(' '))
const question = fc
  .record({
    question: words,
    options: fc.uniqueArray(words, { maxLength: 4 }),
    chosen: fc.option(fc.nat(), { nil: null }),
  })
  .map(({ chosen, ...rest }) => {
    const { options } = rest
    return {
      ...rest,
      default: chosen === null || options.length === 0 ? null : (options[chosen % options.length] ?? null),
    }
  })
const prompt = fc.record({
  questions: fc.array(question, { minLength: 1, maxLength: 3 }),
  seconds: fc.option(fc.integer({ min: 1, max: 31_536_000 })),
})
const instruction: fc.Arbitrary<Instruction> = fc.oneof(
  fc.record({
    kind: fc.constant('say' as const),
    text: words,
    tokens: fc.option(fc.integer({ min: 1, max: 100_000 })),
    slowly: fc.boolean(),
  }),
  fc.constant({ kind: 'list' as const }),
  fc.record({ kind: fc.constant('read' as const), path: words }),
  fc.record({ kind: fc.constant('write' as const), text: words, path: words }),
  fc.record({ kind: fc.constant('count' as const), path: words }),
  fc.record({ kind: fc.constant('fetch' as const), url: word }),
  fc.record({ kind: fc.constant('ask' as const), prompts: fc.array(prompt, { minLength: 1, maxLength: 3 }) }),
  fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 0, max: 86_400 }) }),
  fc.record({ kind: fc.constant('fail' as const), reason: words }),
)

const choice = (asked: string, options: string[] = [], chosen: string | null = null) => ({
  question: asked,
  options,
  default: chosen,
})

describe('parseInstructions', () => {
  test('reads what formatInstructions writes', () => {
    fc.assert(
      fc.property(fc.array(instruction, { minLength: 1, maxLength: 5 }), (instructions) => {
        expect(parseInstructions(formatInstructions(instructions))).toEqual({ understood: true, instructions })
      }),
    )
  })

  test.each<[string, Instruction[]]>([
    ['Say Hello World', [{ kind: 'say', text: 'Hello World', tokens: null, slowly: false }]],
    ['say a b in 7 tokens', [{ kind: 'say', text: 'a b', tokens: 7, slowly: false }]],
    ['say a in 1 token slowly', [{ kind: 'say', text: 'a', tokens: 1, slowly: true }]],
    ['say slowly', [{ kind: 'say', text: 'slowly', tokens: null, slowly: false }]],
    ['say we meet in 5 days', [{ kind: 'say', text: 'we meet in 5 days', tokens: null, slowly: false }]],
    ['  LIST the FILES.  ', [{ kind: 'list' }]],
    ['write go to the sea to a b.txt', [{ kind: 'write', text: 'go to the sea', path: 'a b.txt' }]],
    ['count the words in a.txt', [{ kind: 'count', path: 'a.txt' }]],
    [
      'ask: Which color? [red| *blue ]',
      [{ kind: 'ask', prompts: [{ questions: [choice('Which color?', ['red', 'blue'], 'blue')], seconds: null }] }],
    ],
    [
      'Ask: Who? and: When? [now] and ask: Why within 60 seconds',
      [
        {
          kind: 'ask',
          prompts: [
            { questions: [choice('Who?'), choice('When?', ['now'])], seconds: null },
            { questions: [choice('Why')], seconds: 60 },
          ],
        },
      ],
    ],
    ['wait 1.5 seconds', [{ kind: 'wait', seconds: 1.5 }]],
    [
      'fetch http://x.test/a\nTHEN\tread b',
      [
        { kind: 'fetch', url: 'http://x.test/a' },
        { kind: 'read', path: 'b' },
      ],
    ],
  ])('reads %j', (text, instructions) => {
    expect(parseInstructions(text)).toEqual({ understood: true, instructions })
  })

  test.each([
    ['', ''],
    ['what is the weather?', 'what is the weather?'],
    ['say hello then dance', 'dance'],
    ['say hello then then read a', 'then read a'],
    ['say a in 0 tokens', 'say a in 0 tokens'],
    ['say a in 100001 tokens', 'say a in 100001 tokens'],
    ['wait 86401 seconds', 'wait 86401 seconds'],
    ['write nothing', 'write nothing'],
    ['fetch a b', 'fetch a b'],
    ['sayhello', 'sayhello'],
    ['ask:', 'ask:'],
    ['ask: [red|blue]', 'ask: [red|blue]'],
    ['ask: q? [red||blue]', 'ask: q? [red||blue]'],
    ['ask: q? [red|*red]', 'ask: q? [red|*red]'],
    ['ask: q? within 0 seconds', 'ask: q? within 0 seconds'],
    ['ask: a and: and ask: b', 'ask: a and: and ask: b'],
  ])('does not follow any of %j', (text, part) => {
    expect(parseInstructions(text)).toEqual({ understood: false, part })
  })

  test('takes any text, long runs of spaces included, without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        parseInstructions(text)
        parseInstructions(`say ${text}`)
      }),
    )
    const spaces = ' '.repeat(500_000)
    expect(parseInstructions(`say a${spaces}in 5 tokens${spaces}b`)).toMatchObject({ understood: true })
    expect(parseInstructions(`write a${spaces}`)).toMatchObject({ understood: false })
  })
})
