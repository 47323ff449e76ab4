import { describe, expect, test } from 'vitest'
import { decodedUnitsFree, decodedUnitsPerUnit, decodeLayers, isJsonDocument, nestingMax } from './decode-layers.ts'
import { gap } from './layer.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const percent = (text: string) => [...text].map((unit) => `%${unit.charCodeAt(0).toString(16)}`).join('')
const backslash = (text: string) =>
  [...text].map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')

/** The texts of all layers after the first. */
const decode = (text: string) =>
  decodeLayers(text)
    .layers.slice(1)
    .map((layer) => layer.text)
const some = base64('some text')
const more = base64('more text')

test.each<[string, boolean]>([
  ['{"a":1}', true],
  [' \n[1]', true],
  ['"a"', true],
  ['1', false],
  ['true', false],
  ['{', false],
  ['a {"b":1}', false],
  ['', false],
])('whether %j is read as a JSON document: %s', (text, expected) => {
  expect(isJsonDocument(text)).toBe(expected)
})

test('a text in which nothing is encoded is its only layer', () => {
  const { layers, unread } = decodeLayers('a plain text')
  expect(layers.map(({ text }) => text)).toEqual(['a plain text'])
  expect(unread).toEqual([])
})

test('a JSON document is read as the contents of its strings, and any other text with such escapes as a layer', () => {
  expect(decodeLayers('{"a":"x\\ty"}').layers.map(({ text }) => text)).toEqual(['{"a":"x\ty"}'])
  expect(decodeLayers('{"a":"x\\ty"').layers.map(({ text }) => text)).toEqual(['{"a":"x\\ty"', '{"a":"x\ty"'])
})

test('characters are folded, then unescaped, and then tokens are decoded, until nothing is left', () => {
  expect(decode(`%2541 Ａ l23-45-6789 Ｂ ${some}`)).toEqual([
    `%2541 A 123-45-6789 B ${some}`,
    `A A 123-45-6789 B ${some}`,
    'A A 123-45-6789 B some text',
  ])
  expect(decode(base64(`one ${percent('two')} three`)).at(-1)).toMatch(/^one two three/u)
})

describe('a decoded token is read', () => {
  const words = (units: number) => 'word '.repeat(units / 5)

  test('with forty units of the text on either side', () => {
    expect(decode(`${words(100)}${some} ${words(100)}`)).toEqual([`${words(40)}some text ${words(40).slice(0, 39)}`])
  })

  test('with all that is before it where that is no more than eighty units', () => {
    expect(decode(`${words(80)}${some}`)).toEqual([`${words(80)}some text`])
    expect(decode(`,${words(80)}${some}`)).toEqual([`${words(40)}some text`])
  })

  test('with the next one, where no more than eighty units are between them', () => {
    const between = (units: number) => ` ${words(units)},`
    expect(decode(`${some}${between(75)}   ${more}`)).toEqual([`some text${between(75)}   more text`])
    const far = `${between(75)}    `
    expect(decode(`${some}${far}${more}`)).toEqual([`some text${far.slice(0, 40)}${gap}${far.slice(-40)}more text`])
  })

  test('apart from a letter, a digit or a sign that would become part of it', () => {
    expect(decode(`.${some}`)).toEqual([`.${gap}some text`])
    expect(decode(`${some}.`)).toEqual([`some text${gap}.`])
    expect(decode(`,${some},`)).toEqual([',some text,'])
  })

  test('in each of its ways, one after the other, and what follows them once', () => {
    expect(decode(`(${'33'.repeat(9)})`)[0]).toBe(`(${'3'.repeat(9)}${gap}${'3'.repeat(8)})`)
    expect(decode(`(${'33'.repeat(9)}3)`)[0]).toBe(`(${'3'.repeat(9)}${gap}${'3'.repeat(9)})`)
  })
})

describe('encodings within each other', () => {
  const nested = (text: string, times: number): string => (times === 0 ? text : nested(base64(text), times - 1))

  test('are decoded up to the limit, and the token that stays names what leads to it', () => {
    expect(decodeLayers(nested('some words', nestingMax)).unread).toEqual([])
    expect(decode(nested('some words', nestingMax)).at(-1)).toBe('some words')
    const tooDeep = nested('some words', nestingMax + 1)
    expect(decodeLayers(`see ${tooDeep}`).unread).toEqual([
      { start: 4, end: 4 + tooDeep.length, encodings: Array(nestingMax + 1).fill('base64') },
    ])
  })

  test('are taken for chance where fewer than eight units are left of them', () => {
    expect(decodeLayers(nested('1234567', nestingMax + 1)).unread).toEqual([])
    expect(decodeLayers(nested('12345678', nestingMax + 1)).unread).toHaveLength(1)
  })
})

describe('the units of all layers are limited', () => {
  // Five layers of characters, of which the last one is as long as the one before it.
  const nested = ['ＡbＢbＣ']
  for (const encode of [backslash, percent, backslash, percent]) nested.unshift(encode(nested[0] ?? ''))
  const levels = nested.map((part) => `(${part} ${part}`)
  const [outer = ''] = levels
  const encodings = ['url', 'json_escape', 'url', 'json_escape']

  /** The text that leaves so many units after the layers of characters. */
  function leaving(units: number): string {
    const written = levels.slice(1).reduce((sum, level) => sum + level.length, 0) + '(AbBbC AbBbC'.length
    const rest = decodedUnitsFree + decodedUnitsPerUnit * outer.length - written - units
    return `${outer}${`${some} ${more} end`.padStart(rest)}`
  }

  test('a token is decoded as long as a unit is left, and those after it stay', () => {
    const text = leaving(1)
    const { layers, unread } = decodeLayers(text)
    expect(layers.map((layer) => layer.text.trimStart().slice(0, 6)).slice(-2)).toEqual(['(AbBbC', 'some t'])
    expect(layers.at(-1)?.text).toMatch(/^ {40}some text .{0,39}$/u)
    // It is met again in the last layer, as a part of what is around the first token.
    const stays = { start: text.indexOf(more), end: text.length, encodings: [] }
    expect(unread).toEqual([stays, stays])
  })

  test('the second token is decoded where more is left than the first one takes with what is around it', () => {
    const before = 40 + 'some text'.length
    expect(decode(leaving(before)).at(-1)).not.toContain('more text')
    expect(decode(leaving(before + 1)).at(-1)).toContain('more text')
  })

  test('no token is decoded where none is left', () => {
    const text = leaving(0)
    const { layers, unread } = decodeLayers(text)
    expect(layers.at(-1)?.text).toMatch(/^\(AbBbC AbBbC .+ end$/u)
    expect(unread).toEqual([{ start: text.indexOf(some), end: text.length, encodings: [] }])
  })

  test('characters stay as they are where too few are left for the whole text', () => {
    const { layers, unread } = decodeLayers(leaving(-1))
    expect(layers.at(-1)?.text).toMatch(/^\(ＡbＢbＣ ＡbＢbＣ .+ end$/u)
    expect(unread).toEqual([{ start: 1, end: outer.length, encodings }])
  })
})
