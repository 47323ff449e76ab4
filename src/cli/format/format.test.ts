import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatAge, formatBytes, formatCost, formatCount, formatDuration, formatPlural } from './format-amount.ts'
import { formatArguments, formatOutput } from './format-content.ts'
import { formatFields, formatTable } from './format-table.ts'
import { displayWidth, escapeSteering, oneLine, printable, shorten } from './printable.ts'

describe('a duration', () => {
  test.each([
    [0, '0 ms'],
    [-5, '0 ms'],
    [340, '340 ms'],
    [999, '999 ms'],
    [1_000, '1.0 s'],
    [4_249, '4.2 s'],
    [59_940, '59.9 s'],
    [59_999, '1 m 00 s'],
    [65_400, '1 m 05 s'],
    [3_599_999, '1 h 00 m'],
    [7_380_000, '2 h 03 m'],
    [273_600_000, '3 d 4 h'],
  ])('of %i ms reads "%s"', (ms, text) => expect(formatDuration(ms)).toBe(text))

  test('of any length never shows 60 of a unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 9 }), (ms) => {
        expect(formatDuration(ms)).not.toMatch(/\b60(?:\.0)? [sm]|\b24 h|\b1000 ms/u)
      }),
    )
  })

  test('since something is given in one unit', () => {
    const ages = [-3, 5_000, 61_000, 7_200_000, 100_000_000, 400_000_000].map(formatAge)
    expect(ages).toEqual(['now', '5 s ago', '1 m ago', '2 h ago', '27 h ago', '4 d ago'])
  })
})

describe('an amount', () => {
  test.each([
    [0, '$0.00'],
    [1, '$0.000001'],
    [99, '$0.000099'],
    [1_200, '$0.0012'],
    [45_678, '$0.0457'],
    [1_250_000, '$1.25'],
  ])('of %i millionths of a dollar reads %s', (micros, text) => expect(formatCost(micros)).toBe(text))

  test.each([
    [0, '0 B'],
    [11, '11 B'],
    [999, '999 B'],
    [1_234, '1.2 kB'],
    [999_600, '1.0 MB'],
    [34_000_000, '34 MB'],
  ])('of %i bytes reads %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

  test('is counted with its noun', () => {
    expect([formatPlural(1, 'step'), formatPlural(1_234, 'step')]).toEqual(['1 step', '1,234 steps'])
    expect(formatCount(1_000_000)).toBe('1,000,000')
  })
})

describe('text of others', () => {
  test('cannot steer the terminal', () => {
    expect(printable('a\u001b[2Jb\u0007\u009b1mc\r\nd\te\r\u202ef')).toBe('a[2Jb1mc\nd\tef')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/(?![\n\t])[\p{Cc}]/u)
      }),
    )
  })

  test('that a person decides by shows what would steer the terminal or turn the writing around', () => {
    expect(escapeSteering('a\u001b[2Jb\r\nc\td\re\u202ef\u200fg\u2028h\u061c')).toBe(
      'a\\u001b[2Jb\nc\td\\u000de\\u202ef\\u200fg\\u2028h\\u061c',
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeSteering(text)).not.toMatch(/(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u)
      }),
    )
  })

  test('fits on one line and is cut with a mark', () => {
    expect(oneLine(' a\n\n b\tc ')).toBe('a b c')
    expect(shorten('abcdef', 4)).toBe('abc…')
    expect(shorten('abcd', 4)).toBe('abcd')
    expect(shorten('ab cdef', 5)).toBe('ab c…')
    expect(shorten('abc def', 5)).toBe('abc…')
    expect(shorten('漢字漢字', 5)).toBe('漢字…')
    expect(shorten('👩‍🚀', 4)).toBe('👩‍🚀')
    expect(shorten('abc', 0)).toBe('…')
  })

  test('is measured in columns of the terminal', () => {
    expect(['abc', '漢字', '🙂', 'é', ''].map(displayWidth)).toEqual([3, 4, 2, 1, 0])
  })
})

describe('arguments', () => {
  test('are shown by name, short ones first, long ones cut so that each is seen', () => {
    expect(formatArguments({ content: 'hello world', path: 'a.txt' }, 80)).toBe('path: a.txt, content: hello world')
    expect(formatArguments({ path: 'a.txt', content: 'two\nlines' }, 80)).toBe('path: a.txt, content: two lines')
    const long = formatArguments({ content: 'x'.repeat(500), path: 'a.txt', lines: [1, 2] }, 80)
    expect(long).toContain('path: a.txt, lines: [1,2]')
    expect(long.length).toBeLessThanOrEqual(80)
  })

  test('that cannot be read say so', () => {
    expect(formatArguments(null, 80)).toBe('[purged content]')
    expect(formatArguments({ sealed: true, media_type: 'x', base64: '' }, 80)).toBe('[sealed content]')
    expect(formatArguments('text', 80)).toBe('text')
  })
})

describe('a result', () => {
  test('shows its first line and how many follow', () => {
    expect(formatOutput('one', 40)).toBe('one')
    expect(formatOutput('\n\none\ntwo\n', 40)).toBe('one (+1 line)')
    expect(formatOutput(`${'x'.repeat(90)}\n2\n3`, 40)).toBe(`${'x'.repeat(28)}… (+2 lines)`)
    expect(formatOutput('\n', 40)).toBe('(empty)')
  })
})

describe('a table', () => {
  const rows = [
    { name: '漢', size: 5 },
    { name: 'longer\nname', size: 12_345 },
  ]

  test('is aligned, numbers to the right, without spaces at the end', () => {
    const lines = formatTable(
      [
        { title: 'name', cell: (row: (typeof rows)[number]) => row.name },
        { title: 'size', cell: (row) => String(row.size), align: 'right' },
        { title: 'note', cell: () => '' },
      ],
      rows,
      { tableColumns: 80 },
    )
    expect(lines).toEqual(['NAME          SIZE  NOTE', '漢               5', 'longer name  12345'])
  })

  test('cuts long cells where it is told to', () => {
    const columns = [{ title: 'a', cell: (text: string) => text, charsMax: 5 }]
    expect(formatTable(columns, ['abcdefg'], { tableColumns: 80 })).toEqual(['A', 'abcd…'])
  })

  const wide = [
    { title: 'name', cell: (text: string) => text, shrinksTo: 8 },
    { title: 'id', cell: () => '0123456789' },
    { title: 'about', cell: (text: string) => `about ${text}`, shrinksTo: 6, optional: true as const },
  ]

  test('that is too wide cuts what may be cut, after a whole word, and then leaves out what may be left out', () => {
    const table = (columns: number) => formatTable(wide, ['a long name'], { tableColumns: columns })
    expect(table(42)).toEqual(['NAME         ID          ABOUT', 'a long name  0123456789  about a long name'])
    expect(table(36)).toEqual(['NAME         ID          ABOUT', 'a long name  0123456789  about a…'])
    expect(table(25)).toEqual(['NAME         ID', 'a long name  0123456789'])
    expect(table(20)).toEqual(['NAME      ID', 'a long…   0123456789'])
    expect(table(10)).toEqual(['NAME      ID', 'a long…   0123456789'])
  })

  test('is never wider than the terminal where its columns allow that', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 })
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), fc.integer({ min: 20, max: 120 }), (rows, columns) => {
        for (const line of formatTable(wide, rows, { tableColumns: columns }))
          expect(displayWidth(line)).toBeLessThanOrEqual(columns)
      }),
    )
  })

  test('of fields leaves out what has no value', () => {
    expect(
      formatFields([
        ['state', 'queued'],
        ['agent', null],
        ['id', '7'],
      ]),
    ).toEqual(['state  queued', 'id     7'])
  })
})
