import { expect, test } from 'vitest'
import { decodedUnitsFree, decodedUnitsPerUnit, decodeLayers } from './decode-layers.ts'
import { detectorNames } from './detectors.ts'
import { findingsPerDetectorMax, scanText } from './scan-text.ts'

const salt = 'ab'.repeat(16)
const units = 131_072
const fill = (part: string) => part.repeat(Math.ceil(units / part.length)).slice(0, units)
const nested = (depth: number) => {
  let text = 'SSN 123-45-6789 joe@example.com '.repeat(Math.floor((units * 0.75 ** depth) / 32))
  for (let level = 0; level < depth; level++) text = Buffer.from(text).toString('base64')
  return text
}

/** What each pattern would have to look at again and again if it could. */
const hostile: readonly string[] = [
  ...[
    'a',
    'A',
    '1',
    '4',
    '1-',
    '1.',
    '4 1 1 1 ',
    '(1',
    '+1',
    '@',
    'x@',
    '@x.',
    'a.',
    ':',
    'ab:',
    '::',
    '8.8.8.8 ',
    '123-45-6789 ',
  ],
  ...[
    'mrn ',
    'mrn:"',
    'medical record ',
    'medical_',
    'ssn123456789 ',
    'phone2125550123 ',
    'insider ',
    'insider \t',
    ' ',
    '\n',
    '\\',
    '"',
    '{',
    '[',
  ],
  ...[
    'eyJ',
    'eyJabcdefgh.',
    'sk-',
    'sk-proj-',
    'ghp_',
    'glpat-',
    'xoxb-',
    'SG.',
    'SG.a.',
    'SK0',
    'AKIA',
    'dp.pt.',
    '.atlasv1.',
    ':AA',
  ],
  ...[
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN ',
    '://',
    '://a:',
    '://a:b@',
    'Bearer ',
    'password=',
    'password="',
    'secret_access_key=',
    'AccountKey=',
    '?sig=',
  ],
  ...[
    '%',
    '%25',
    '%2541',
    '%31',
    '%EF',
    '\\u',
    '\\u0031',
    '\\x31',
    '0x',
    '0x31,',
    'QUFB',
    'MTIzNDU2Nzg5MTIz-',
    '31323334',
  ],
  // For the patterns of the preset: runs as long as they read, again and again.
  ...[
    'ghs_1_',
    `${'ghs_1_'.repeat(160)}.${'ghs_1_'.repeat(1666)}`,
    `SG.${'a'.repeat(128)}.${'a'.repeat(257)}é`,
    `sk-proj-${'a'.repeat(58)}T3BlbkFJ`,
    'https://x-oauth-basic',
    `https://${'a'.repeat(256)}:${'a'.repeat(256)}@`,
    'mongodb://aa:aaaab@h/',
    `mongodb://${'a'.repeat(99)}:${'a'.repeat(199)}`,
    'xoxb-a-',
    `ops_ey${'a'.repeat(1280)}`,
    `-----BEGIN PRIVATE KEY-----${'a'.repeat(9000)}`,
    `SECRET_ACCESS_KEY${' '.repeat(4000)}`,
    'lin_api_',
  ],
  ...['\u200b', '1\u200b', '\uff11', 'а', '\ufdfa', '\u0300', '0O', 'Ol1 ', '\ud800', '😀'],
].map(fill)

// A pattern that needs the square of the length would take hours for these, not the seconds that a test has.
test('every hostile text is scanned with bounded layers, bounded findings and in bounded time', () => {
  for (const text of [...hostile, nested(4), nested(5), JSON.stringify({ text: fill('\\u0031"') })]) {
    const { layers } = decodeLayers(text)
    const decoded = layers.slice(1).reduce((sum, layer) => sum + layer.text.length, 0)
    // A character may become four, and that of the last layer is known when it is made.
    expect(decoded).toBeLessThanOrEqual(decodedUnitsFree + (decodedUnitsPerUnit + 4) * text.length)
    const findings = scanText(text, salt, { keywords: ['insider information', 'merger'] })
    expect(findings.length).toBeLessThanOrEqual(detectorNames.length * (findingsPerDetectorMax + 1))
    for (const { start, end } of findings) {
      expect(start).toBeLessThan(end)
      expect(end).toBeLessThanOrEqual(text.length)
    }
  }
})

test('where reading stops at the limit, what is left is reported as not read', () => {
  // Four times as long once folded; then nothing is left for one pass more.
  const names = (text: string) => scanText(text, salt, { keywords: [] }).map(({ detector }) => detector)
  expect(names(`${'\u247d'.repeat(20_000)} %6aoe@example.com`)).toEqual(['encoded_too_deep', 'email'])
  expect(names(`${'\u247d'.repeat(20_000)} %25joe`)).toEqual(['encoded_too_deep'])
  expect(names(`${'\u247d'.repeat(20_000)} joe@example.com`)).toEqual(['email'])
})

// Where the limit ended the reading of a layer, the same forty units were decoded again and again, for ever.
test.each([5, 6, 7])('a text in %i layers of base64 is read to an end, whatever its length', (depth) => {
  for (let lines = 1; lines <= 400; lines += 13) {
    let text = 'SSN 123-45-6789 joe@example.com '.repeat(lines)
    for (let level = 0; level < depth; level++) text = Buffer.from(text).toString('base64')
    expect(scanText(text, salt, { keywords: [] }).map(({ detector }) => detector)).toContain('encoded_too_deep')
  }
})

test('the same text gives the same findings', () => {
  const text = `${nested(2)} 8.8.8.8`
  expect(scanText(text, salt, { keywords: ['a'] })).toEqual(scanText(text, salt, { keywords: ['a'] }))
})
