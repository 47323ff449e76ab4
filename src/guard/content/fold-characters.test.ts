import { expect, test } from 'vitest'
import { foldCharacters, foldDigitLetters } from './fold-characters.ts'

test.each([
  ['АВЕКМНОРСТХУІЅЈԌԚԜ', 'ABEKMHOPCTXYISJGQW'],
  ['авекмнорстхуіѕјһԁԛԝɡг', 'abekmhopctxyisjhdqwgr'],
  ['ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', 'ABEZHIKMNOPTYX'],
  ['ανοικρτυχ', 'avoikptux'],
  ['օոհցսոզԼՍՏ', 'onhgunqLUS'],
  ['ıɑɩɪʏᴀᴄᴇᴏᴠᴡᴢǀꓲꓳ', 'iaiiyaceovwzlIO'],
  ['ЗʒƷӠՅ', '33333'],
  ['‐‑‒–—―−⁃﹘﹣－', '-----------'],
  ['․。۔·∙⋅', '......'],
  ['։׃ː∶꞉', ':::::'],
  ['∕⁄⧸', '///'],
  ['ＡＺａｚ０９＠', 'AZaz09@'],
  ['٠١٩۰۹०९', '0190909'],
  ['\u0085\u2028\u2029', '\n\n\n'],
  ['\u000b\u000c', '  '],
  ['\u00a0', ' '],
  ['ｓｅｃｒе', 'secre'],
])('%s looks like %j', (text, plain) => {
  expect(foldCharacters(`x ${text} y`)).toEqual([
    { start: 2, end: 2 + text.length, text: plain, encoding: 'homoglyph', stride: 1 },
  ])
})

test.each([
  '\u200b',
  '\u00ad',
  '\u2060',
  '\ufeff',
  '\u0301',
  '\u0300',
  '\u036f',
  '\u20d0',
  '\u20ff',
  '\u0000',
  '\u007f',
  '\u{e0041}',
])('the invisible character %j is removed', (character) => {
  expect(foldCharacters(`a${character}b`)).toEqual([
    { start: 1, end: 1 + character.length, text: '', encoding: 'zero_width', stride: 0 },
  ])
})

test.each([
  ['\u{1d7ce}', '0'],
  ['\u{1d7d9}', '1'],
  ['\u{1d7ff}', '9'],
  ['\u{1d41a}', 'a'],
  ['½', '1/2'],
  ['①', '1'],
  ['㏂', 'a.m.'],
  ['ﬁ', 'fi'],
  ['⑽', '(10)'],
])('%s, of another length, is replaced by %s', (text, plain) => {
  const [edit, ...others] = foldCharacters(`a${text}b`)
  expect(others).toEqual([])
  expect(edit).toMatchObject({ start: 1, end: 1 + text.length, text: plain, encoding: 'homoglyph' })
  expect(edit?.stride).toBe(text.length === plain.length ? 1 : 0)
})

test.each(['plain text\t\r\n~', 'é', '会', '😀', 'Ж', '\ud800', '\udfff', '\ufdfa', '\u0370', '\u20cf'])(
  'nothing is replaced in %j',
  (text) => {
    expect(foldCharacters(text)).toEqual([])
  },
)

test('characters of one length go together with those that stay, and others stand for themselves', () => {
  expect(foldCharacters('éаé\u200bé')).toEqual([
    { start: 0, end: 3, text: 'éaé', encoding: 'homoglyph', stride: 1 },
    { start: 3, end: 4, text: '', encoding: 'zero_width', stride: 0 },
  ])
  expect(foldCharacters('а\u200bбе').map(({ start, text }) => `${start}${text}`)).toEqual(['0a', '1', '2бe'])
})

test.each([
  ['l23-45-678O', '123-45-6780'],
  ['12345678o', '123456780'],
  ['I2345678l', '123456781'],
  ['1 2 3 4 5 6 7 8 O', '1 2 3 4 5 6 7 8 0'],
  ['1 - 234567l8', '1 - 23456718'],
  ['123456789012345678O', '1234567890123456780'],
  ['OOO1234567', '0001234567'],
])('%s reads as %s', (text, digits) => {
  expect(foldDigitLetters(`(${text})`)).toEqual([
    { start: 1, end: 1 + text.length, text: digits, encoding: 'homoglyph', stride: 1 },
  ])
})

test.each([
  '123456789',
  '1234567O',
  'OOO123456',
  'OOOO12345',
  'x12345678O',
  '12345678Ox',
  '912345678O12345678901',
  '12345678    O',
  '12345678a',
])('no letter stands for a digit in %s', (text) => {
  expect(foldDigitLetters(text)).toEqual([])
})
