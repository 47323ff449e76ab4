import { expect, test } from 'vitest'
import { decodeTokens } from './decode-tokens.ts'

const base64 = (text: string | readonly number[]) =>
  (typeof text === 'string' ? Buffer.from(text) : Buffer.from(text)).toString('base64')
const hex = (text: string) => Buffer.from(text).toString('hex')

/** What a text decodes to, as `encoding start-end text`. */
const decode = (text: string) =>
  decodeTokens(text).map(({ encoding, start, end, text: decoded, stride }) => {
    expect(stride).toBe(0)
    return `${encoding} ${start}-${end} ${decoded}`
  })

test.each([
  ['joe@', 'base64 1-9 joe@'],
  ['joe@e', 'base64 1-9 joe@e'],
  ['joe@ex', 'base64 1-9 joe@ex'],
  ['12 34 5', 'base64 1-13 12 34 5'],
  ['üöä~', 'base64 1-13 üöä~'],
  ['üöä', 'base64 1-9 üöä'],
  ['aüb', 'base64 1-9 aüb'],
  ['a\nbc', 'base64 1-9 a\nbc'],
])('the base64 of %s is decoded with its padding', (text, decoded) => {
  expect(decode(`(${base64(text)})`)).toContain(decoded)
})

test('padding is two signs at most', () => {
  expect(decode('am9lQA===')).toEqual(['base64 0-8 joe@'])
  expect(decode('c29tZSB0ZXh0,=')).toEqual(['base64 0-12 some text'])
})

test('base64 without padding, of a URL and over several lines is decoded in its place', () => {
  const text = '??>>~~ of several words'
  const token = Buffer.from(text).toString('base64url')
  expect(token).toMatch(/[-_]/)
  expect(decode(`(${token})`)).toEqual([`base64 1-${1 + token.length} ${text}`])
  const lines = base64(text).replace(/.{8}/g, '$&\r\n')
  expect(decode(`\n${lines}\n`)).toEqual([`base64 1-${1 + lines.trimEnd().length} ${text}`])
})

test.each(['abc', 'Joe', 'a word', 'several words here', '12345', 'b=', '\u00ff\u00fe', base64([1, 2, 3, 4, 5, 6])])(
  'nothing is decoded in %j',
  (text) => {
    expect(decode(text)).toEqual([])
  },
)

test('a short text is decoded only where it is the whole token, a longer one wherever it begins', () => {
  const noise = [0, 255, 254]
  expect(decode(base64([...noise, ...Buffer.from('1234567')]))).toEqual([])
  expect(decode(base64([...noise, ...Buffer.from('12345678')]))).toEqual(['base64 4-16 12345678'])
  expect(decode(base64([...Buffer.from('1234567'), ...noise]))).toEqual([])
  expect(decode(base64([...Buffer.from('12345678'), ...noise]))).toEqual(['base64 0-11 12345678'])
  expect(decode(`_${base64('1234567').replaceAll('=', '')}`)).toEqual([])
  for (const before of ['a', 'ab', 'abc', 'abcd'])
    expect(decode(`${before}${base64('12345678 ')}`).some((one) => one.endsWith(' 12345678 '))).toBe(true)
})

test.each([
  ['313233343536', 'hex 1-13 123456'],
  ['31323334', 'hex 1-9 1234'],
  ['3a4A5b5B', 'hex 1-9 :J[['],
  ['0x31323334', 'hex 3-11 1234'],
  ['0X31323334', 'hex 3-11 1234'],
  ['0x31, 0x32, 0x33, 0x34', 'hex 3-23 1234'],
  [String.raw`\x31\x32\x33\x34`, 'hex 3-17 1234'],
  ['31 32 33 34', 'hex 1-12 1234'],
  ['31:32:33:34', 'hex 1-12 1234'],
  ['31, 32, 33, 34', 'hex 1-15 1234'],
  ['31-32_33.34', 'hex 1-12 1234'],
  [hex('übrig'), 'hex 1-13 übrig'],
])('the hexadecimal %s is decoded', (text, decoded) => {
  expect(decode(`(${text})`)).toContain(decoded)
})

test.each(['313233', '31 32 33', '31   32   33   34', '3g3132333', '00000000', 'ffffffff'])(
  'nothing hexadecimal is in %s',
  (text) => {
    expect(decode(text).filter((one) => one.startsWith('hex'))).toEqual([])
  },
)

test('hexadecimal that begins at an odd digit is decoded where it is long enough', () => {
  expect(decode(`f${hex('12345678')}`).filter((one) => one.startsWith('hex'))).toEqual(['hex 1-17 12345678'])
  expect(decode(`f${hex('1234567')}`).filter((one) => one.startsWith('hex'))).toEqual([])
  expect(decode(`00${hex('12345678')}ff`).filter((one) => one.startsWith('hex'))).toEqual(['hex 2-18 12345678'])
  expect(decode(`00${hex('1234567')}ff`).filter((one) => one.startsWith('hex'))).toEqual([])
})

test('a row of equal digits is read from the first one and from the second one, to the last whole byte', () => {
  expect(decode('3'.repeat(19))).toEqual([`hex 0-18 ${'3'.repeat(9)}`, `hex 1-19 ${'3'.repeat(9)}`])
  expect(decode('3'.repeat(18))).toEqual([`hex 0-18 ${'3'.repeat(9)}`, `hex 1-17 ${'3'.repeat(8)}`])
})

test('a short hexadecimal text before other bytes is not decoded', () => {
  expect(decode(`${hex('1234')}ff`)).toEqual([])
})

test('of two readings that begin in one place the longer one comes first', () => {
  const token = `A2c3${'a2c3'.repeat(4)}`
  const firstTwo = (text: string) =>
    decodeTokens(text)
      .slice(0, 2)
      .map(({ encoding, start, end }) => [encoding, start, end])
  expect(firstTwo(token)).toEqual([
    ['base64', 1, 20],
    ['hex', 1, 19],
  ])
  expect(firstTwo(`${token}a`)).toEqual([
    ['hex', 1, 21],
    ['base64', 1, 20],
  ])
})

test('decoded parts come in the order of the text, the longer one first', () => {
  const starts = decodeTokens(`${hex('some text')} ${base64('more text')} ${hex('12345678')}`).map(({ start }) => start)
  expect(starts).toEqual(starts.toSorted((a, b) => a - b))
  expect(starts.length).toBeGreaterThanOrEqual(3)
})
