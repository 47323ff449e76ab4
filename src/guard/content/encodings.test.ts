import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nestingMax } from './decode-layers.ts'
import { scanText } from './scan-text.ts'

const salt = 'ab'.repeat(16)
const keywords = ['cooperation']
const base64 = (text: string) => Buffer.from(text).toString('base64')
const hex = (text: string) => Buffer.from(text).toString('hex')
const everyByte = (text: string, write: (hex: string) => string) =>
  [...Buffer.from(text)].map((byte) => write(byte.toString(16).padStart(2, '0'))).join('')
const everyUnit = (text: string, write: (unit: string) => string) => text.split('').map(write).join('')
const fullwidth = (unit: string) =>
  unit > ' ' && unit <= '~' ? String.fromCharCode(unit.charCodeAt(0) + 0xfee0) : unit

/** Ways to write a text, by the name under which they are reported. */
const encoders: Readonly<Record<string, readonly ((text: string) => string)[]>> = {
  base64: [
    base64,
    (text) => base64(text).replace(/=+$/, ''),
    (text) => Buffer.from(text).toString('base64url'),
    (text) => base64(text).replace(/.{8}/g, '$&\n'),
    (text) => base64(text).replace(/.{16}/g, '$&\r\n'),
  ],
  hex: [
    hex,
    (text) => hex(text).toUpperCase(),
    (text) => `0x${hex(text)}`,
    (text) => everyByte(text, (byte) => `${byte} `).trimEnd(),
    (text) => everyByte(text, (byte) => `${byte}:`).slice(0, -1),
    (text) => everyByte(text, (byte) => `0x${byte}, `).slice(0, -2),
  ],
  url: [
    (text) => everyByte(text, (byte) => `%${byte}`),
    (text) => everyByte(text, (byte) => `%25${byte}`),
    (text) => everyByte(text, (byte) => `%2525${byte.toUpperCase()}`),
  ],
  json_escape: [
    (text) => everyUnit(text, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    (text) => everyUnit(text, (unit) => `\\\\u${unit.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`),
  ],
  zero_width: [
    (text) => [...text].join('\u200b'),
    (text) => [...text].join('\u00ad'),
    (text) => [...text].join('\u2060\ufeff'),
  ],
  homoglyph: [
    (text) => everyUnit(text, fullwidth),
    (text) =>
      text
        .replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)))
        .replace(/[ae]/g, (letter) => (letter === 'a' ? 'а' : 'е')),
    (text) =>
      text
        .replace(/\d/g, (digit) => String.fromCodePoint(0x1d7ce + Number(digit)))
        .replace(/-/g, '–')
        .replace(/[oc]/g, (letter) => (letter === 'o' ? 'о' : 'с')),
  ],
}

const samples: readonly (readonly [string, string])[] = [
  ['ssn', '123-45-6789'],
  ['credit_card', '4111 1111 1111 1111'],
  ['phone', '+442079460958'],
  ['email', 'joe@example.com'],
  ['ip', '203.0.113.77'],
  ['mrn', 'MRN: 1234567'],
  ['secret:github', `ghp_${'a1B2c3D4e5F6'.repeat(3)}`],
  ['keyword', 'cooperation'],
]

const all = Object.entries(encoders).flatMap(([name, ways]) => ways.map((encode, index) => ({ name, index, encode })))
const lead = 'note: '

function detect(text: string, detector: string) {
  return scanText(`${lead}${text} and so on`, salt, { keywords }).filter((finding) => finding.detector === detector)
}

describe.each(samples)('%s', (detector, sample) => {
  test.each(all)('is found through $name ($index), in its place', ({ name, encode }) => {
    const text = encode(sample)
    if (text === sample) return
    const [finding, ...others] = detect(text, detector)
    expect(others).toEqual([])
    // A mail address may be written in any script: it is found as it stands.
    const isPlain = detector === 'email' && name === 'homoglyph' && text.includes('@')
    expect(finding?.encodings).toEqual(isPlain ? [] : [name])
    expect(finding?.start).toBeGreaterThanOrEqual(lead.length)
    expect(finding?.end).toBeLessThanOrEqual(lead.length + text.length)
  })

  test('is found through any two of them, one inside of the other', () => {
    for (const outer of all) {
      for (const inner of all) {
        // Letters of other scripts are no letters of base64 or hexadecimal, but what is made of them may be written so.
        const text = outer.encode(inner.encode(sample))
        const encodings = detect(text, detector).map((finding) => finding.encodings)
        expect(
          encodings.length,
          `${outer.name} ${outer.index} of ${inner.name} ${inner.index}: ${text}`,
        ).toBeGreaterThan(0)
      }
    }
  })
})

test('the encodings are told from the outermost to the innermost', () => {
  const text = base64(hex(everyByte('joe@example.com', (byte) => `%${byte}`)))
  expect(detect(text, 'email')[0]?.encodings).toEqual(['base64', 'hex', 'url'])
})

test('in any text around it, whatever the nesting up to the limit, something is found', () => {
  const ways = fc.array(fc.constantFrom(...all), { minLength: 1, maxLength: nestingMax })
  fc.assert(
    fc.property(
      ways,
      fc.lorem(),
      fc.lorem(),
      fc.constantFrom(...samples),
      (path, before, after, [detector, sample]) => {
        const token = path.reduceRight((text, { encode }) => encode(text), sample)
        if (token.length > 20_000) return
        const found = scanText(`${before} ${token} ${after}`, salt, { keywords }).map((finding) => finding.detector)
        expect(found.some((name) => name === detector || name === 'encoded_too_deep')).toBe(true)
      },
    ),
    { numRuns: 300 },
  )
})

test('what is nested deeper than four encodings is reported as such, not passed over', () => {
  for (const encode of [base64, hex]) {
    for (let depth = 1; depth <= 6; depth++) {
      const token = Array.from({ length: depth }).reduce<string>((text) => encode(text), 'SSN 123-45-6789')
      const found = scanText(token, salt, { keywords }).map((finding) => finding.detector)
      expect(found).toEqual([depth <= 4 ? 'ssn' : 'encoded_too_deep'])
    }
  }
})

test('a token is decoded where it is part of a longer word', () => {
  for (const prefix of ['', 'a', 'ab', 'abc', 'files/', 'id_', 'x-'])
    expect(detect(`${prefix}${base64('joe@example.com')}`, 'email')).toHaveLength(1)
  for (const prefix of ['', 'a', 'ab', 'f00'])
    expect(detect(`${prefix}${hex('joe@example.com')}`, 'email')).toHaveLength(1)
})

test('bytes that are no text around an encoded text do not hide it', () => {
  const bytes = Buffer.concat([Buffer.from([0, 255, 254, 1]), Buffer.from('joe@example.com'), Buffer.from([128, 0, 7])])
  expect(detect(bytes.toString('base64'), 'email')).toHaveLength(1)
  expect(detect(bytes.toString('hex'), 'email')).toHaveLength(1)
})

test('a word before an encoded number is read with it', () => {
  expect(detect(`SSN: ${base64('123456789')}`, 'ssn')).toHaveLength(1)
})

test('letters that stand for digits are read as digits in a number', () => {
  expect(detect('l23-45-678O', 'ssn')[0]?.encodings).toEqual(['homoglyph'])
  expect(detect('4lll llll llll llll', 'credit_card')).toEqual([])
  expect(detect('4111 1111 11l1 1l11', 'credit_card')).toHaveLength(1)
})

test('the escapes that JSON asks for are no encoding, others are', () => {
  const text =
    '{"a":"line\\n123-45-6789\\t","b":"\\u0031\\u0032\\u0033-45-6780","c":"\\\\u0031\\\\u0032\\\\u0033-45-6781"}'
  const findings = scanText(text, salt, { keywords })
  expect(findings.map(({ encodings }) => encodings)).toEqual([[], ['json_escape'], ['json_escape']])
  expect(text.slice(findings[0]?.start, findings[0]?.end)).toBe('123-45-6789')
})

test('bytes that are written as escapes are read as the characters that they are', () => {
  const escaped = (text: string) => everyByte(text, (byte) => `\\x${byte}`)
  for (const text of ['123\u200b-45-\u200b6789', `${fullwidth('1')}23-45-6789`, 'joe\u200b@example.com'])
    expect(scanText(`note ${escaped(text)} end`, salt, { keywords }).map(({ detector }) => detector)).toHaveLength(1)
  expect(scanText('caf\\xe9 \\xff\\xfe 123-45-6789', salt, { keywords })).toHaveLength(1)
})

test('text of other scripts is left alone', () => {
  for (const text of ['Привет, мир! Как дела?', '今日は天気がいいですね。', 'Γειά σου Κόσμε', 'مرحبا بالعالم ١٢٣'])
    expect(scanText(text, salt, { keywords })).toEqual([])
})
