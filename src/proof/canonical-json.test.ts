import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalBytes, canonicalText } from './canonical-json.ts'

test('the example of RFC 8785 has the text that the RFC gives', () => {
  const value = {
    numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '\u20ac$\u000f\nA\'B"\\\\"/',
    literals: [null, true, false],
  }
  expect(canonicalText(value)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
})

test('names are sorted by their UTF-16 units, as in the example of RFC 8785', () => {
  const names = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6']
  const text = canonicalText(Object.fromEntries(names.map((name) => [name, 0])))
  expect(Object.keys(JSON.parse(`[${text}]`)[0])).toHaveLength(7)
  expect(text).toBe('{"\\r":0,"1":0,"\u0080":0,"ö":0,"€":0,"\u{1f600}":0,"\ufb33":0}')
})

test('what is parsed of a canonical text has the same canonical text, and the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalText(value)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      expect(canonicalText(JSON.parse(text))).toBe(text)
      expect(Buffer.from(canonicalBytes(value)).toString('utf8')).toBe(text)
    }),
  )
})

test('a lone surrogate becomes U+FFFD, as it does in UTF-8, and a backslash before a u stays', () => {
  const value = { 'a\ud800': ['\udfff!', '\\ud800', '\u{1f600}'], b: 1 }
  expect(canonicalText(value)).toBe('{"a\ufffd":["\ufffd!","\\\\ud800","\u{1f600}"],"b":1}')
  fc.assert(
    fc.property(
      fc.string({ unit: fc.integer({ min: 0xd7f0, max: 0xe00f }).map((unit) => String.fromCharCode(unit)) }),
      (text) => {
        expect(canonicalText([text, '\\ud800\ud800'])).toBe(JSON.stringify([text.toWellFormed(), '\\ud800\ufffd']))
      },
    ),
  )
})

test('a text that holds the escape of a lone surrogate is not canonical', () => {
  const text = '{"a":"\\ud800"}'
  expect(canonicalText(JSON.parse(text))).not.toBe(text)
})

test('what JSON has no form for is not written', () => {
  const cycle: unknown[] = []
  cycle.push(cycle)
  for (const value of [undefined, Number.NaN, [Infinity], ['\ud800', Number.NaN], cycle]) {
    expect(() => canonicalText(value)).toThrow()
  }
})
