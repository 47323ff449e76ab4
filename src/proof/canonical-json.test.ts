import canonicalize from 'canonicalize'
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

const oddName = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary', maxLength: 3 }),
  fc.constantFrom(
    '10',
    '9',
    '01',
    '-1',
    '__proto__',
    'toJSON',
    'constructor',
    'a"',
    'a\\',
    '\u007f',
    '\u2028',
    '\u{1f600}',
    '\ufb33',
  ),
)

/** Values with names and texts of every sort, what JSON leaves out, and objects that JSON turns into something else. */
const oddValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, undefined, true, false, -0, 0, 1e21, 1e-7, 5e-324, 2 ** 53, new Date(0), Object('boxed')),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(oddName, tie('value'), { maxKeys: 5, noNullPrototype: false }),
    fc
      .uniqueArray(oddName, { minLength: 17, maxLength: 30 })
      .map((names) => Object.fromEntries(names.map((n) => [n, n]))),
  ),
})).value
test('every value that the package takes has the text that it gives', () => {
  fc.assert(
    fc.property(oddValue, (value) => {
      const text = canonicalize(value)
      if (text === undefined) expect(() => canonicalText(value)).toThrow()
      else expect(canonicalText(value)).toBe(text)
    }),
    { numRuns: 1_000 },
  )
})

test('a value that is nested ten thousand deep has a text', () => {
  const text = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
  let value: unknown[] = []
  for (let i = 1; i < 10_000; i += 1) value = [value]
  expect(canonicalText(value)).toBe(text)
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
