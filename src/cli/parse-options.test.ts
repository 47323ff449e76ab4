import { describe, expect, test } from 'vitest'
import { collectPair, collectWords, parseSeconds, parseWhole, parseWords } from './parse-options.ts'
import { UsageError } from './usage-error.ts'

describe('the options', () => {
  test('collect name=value pairs, the value holding anything', () => {
    const collect = collectPair('--metadata')
    expect(collect('b=c=d', collect('a='))).toEqual({ a: '', b: 'c=d' })
    for (const bad of ['', 'a', '=b']) expect(() => collect(bad)).toThrow(UsageError)
    expect(() => collect('a')).toThrow('--metadata takes name=value, such as --metadata project=apollo; got "a".')
  })

  test('collect words, also several at once', () => {
    expect(collectWords('a, b,', collectWords('c'))).toEqual(['c', 'a', 'b'])
  })

  test('take whole numbers within bounds', () => {
    const parse = parseWhole('--priority', 1, 10)
    expect([parse('1'), parse('10')]).toEqual([1, 10])
    for (const bad of ['0', '11', '1.5', '-1', '', 'x', '1e1', '٣']) expect(() => parse(bad)).toThrow(UsageError)
  })

  test('take lengths of time in seconds', () => {
    const parse = parseSeconds('--timeout')
    expect(['90', '90s', '15m', '2h', '1d'].map(parse)).toEqual([90, 90, 900, 7_200, 86_400])
    for (const bad of ['', '0', '0m', '1.5h', 'm', '5x', '-5']) expect(() => parse(bad)).toThrow(UsageError)
  })

  test('take words of a list, and name the list when one is not on it', () => {
    const parse = parseWords('--state', ['queued', 'failed'] as const)
    expect(parse('failed, queued')).toEqual(['failed', 'queued'])
    expect(() => parse('failed,gone')).toThrow('--state takes one of queued, failed; got "gone".')
  })
})
