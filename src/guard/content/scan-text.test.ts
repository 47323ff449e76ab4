import { describe, expect, test } from 'vitest'
import { digestContent } from '../../proof/digests.ts'
import { detectorNames, detectorsVersion, groupOf } from './detectors.ts'
import { findingsPerDetectorMax, scanText } from './scan-text.ts'

const salt = 'ab'.repeat(16)
const a36 = 'a1B2c3D4e5F6'.repeat(3)
const keywords = ['insider information', 'Projekt Käfer', 'merger']

/** What is found, as `detector text`. */
function found(text: string): string[] {
  return scanText(text, salt, { keywords }).map(({ detector, start, end }) => `${detector} ${text.slice(start, end)}`)
}

describe('personal data', () => {
  test.each([
    ['ssn', 'my number is 123-45-6789.', '123-45-6789'],
    ['ssn', '123 45 6789', '123 45 6789'],
    ['ssn', 'x123 - 45 - 6789y', '123 - 45 - 6789'],
    ['ssn', 'SSN 123456789', '123456789'],
    ['ssn', '{"social_security_number":123456789}', '123456789'],
    ['ssn', 'ssn: 123 456 789', '123 456 789'],
    ['mrn', 'MRN: A1234567', 'A1234567'],
    ['mrn', '{"mrn":"00-123-45"}', '00-123-45'],
    ['mrn', '"medical_record_number": 1234567', '1234567'],
    ['mrn', 'Medical Record No. 12345', '12345'],
    ['mrn', 'medical record #AB12345', 'AB12345'],
    ['credit_card', '4111 1111 1111 1111', '4111 1111 1111 1111'],
    ['credit_card', 'pay with 5500-0000-0000-0004 please', '5500-0000-0000-0004'],
    ['credit_card', '378282246310005', '378282246310005'],
    ['credit_card', '3782 822463 10005', '3782 822463 10005'],
    ['credit_card', '"n":6011111111111117', '6011111111111117'],
    ['credit_card', '4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1', '4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1'],
    ['phone', 'call (212) 555-0123 now', '(212) 555-0123'],
    ['phone', '212-555-0123', '212-555-0123'],
    ['phone', '212.555.0123', '212.555.0123'],
    ['phone', '1-212-555-0123', '1-212-555-0123'],
    ['phone', '+1 212 555 0123', '+1 212 555 0123'],
    ['phone', '+442079460958', '+442079460958'],
    ['phone', '+49 30 901820', '+49 30 901820'],
    ['phone', 'phone: 2125550123', '2125550123'],
    ['email', 'write to joe.doe+x@mail.example.com.', 'joe.doe+x@mail.example.com'],
    ['email', '<a@b.co>', 'a@b.co'],
    ['email', 'jürgen@müller.example', 'jürgen@müller.example'],
    ['ip', 'from 8.8.8.8.', '8.8.8.8'],
    ['ip', 'http://10.0.0.5:8080/x', '10.0.0.5'],
    ['ip', 'at 2001:db8::1,', '2001:db8::1'],
    ['ip', '[fe80::1ff:fe23:4567:890a]', 'fe80::1ff:fe23:4567:890a'],
    ['ip', '::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['ip', '2001:0db8:85a3:0000:0000:8a2e:0370:7334', '2001:0db8:85a3:0000:0000:8a2e:0370:7334'],
  ])('%s is found in %j', (detector, text, value) => {
    expect(found(text)).toContain(`${detector} ${value}`)
  })

  test.each([
    '000-12-3456',
    '666-12-3456',
    '900-12-3456',
    '123-00-4567',
    '123-45-0000',
    '1123-45-6789',
    '123-45-67890',
    '123456789',
    '4111 1111 1111 1112',
    '0.4111111111111111',
    '9111111111111111',
    '2125550123',
    '112-555-0123',
    '212-155-0123',
    '12+123456789',
    '+0123456789',
    '+2025-01-02',
    'a@b',
    '@decorator.method',
    'user@localhost',
    '1.2.3',
    'v1.2.3.4',
    '1.2.3.4.5',
    '256.1.1.1',
    '127.0.0.1 and ::1 and 0.0.0.0',
    'Chrome/120.0.0.0',
    '12:34:56',
    'std::vector<int>',
    'dead::beef',
    'MRN is unknown',
    'the medical record of the patient',
  ])('nothing is found in %j', (text) => {
    expect(found(text)).toEqual([])
  })
})

describe('secrets', () => {
  test.each([
    ['aws', 'AKIAQ3EGRZXJ7K5TZLMN'],
    ['github', `ghp_${a36}`],
    ['github', `github_pat_11ABCDEFG0${a36}`],
    ['gitlab', 'glpat-a1B2c3D4e5F6g7H8i9J0'],
    ['slack', 'xoxb-123456789012-123456789012-a1B2c3D4e5F6a1B2c3D4e5F6'],
    ['stripe', 'sk_live_a1B2c3D4e5F6a1B2c3D4e5F6'],
    ['openai', `sk-proj-${a36}T3BlbkFJ${a36}`],
    ['anthropic', `sk-ant-api03-${a36}${a36}`],
    ['google', 'AIzaSyA1234567890abcdefghijklmnopqrstuv'],
    ['jwt', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'],
    ['npm', `npm_${a36}`],
    ['sendgrid', `SG.a1B2c3D4e5F6g7H8i9J0k1.${a36}a1B2c3D`],
    ['twilio', `SK${'0123456789abcdef'.repeat(2)}`],
    ['mandate', `mdt_AbCdEfGhIjKl_${a36}a1B2c3D`],
    ['mandate', `xag_AbCdEf_${'a1B2c3D4'.repeat(4)}`],
    ['mandate', `ck-${a36}a1B2c3D`],
    ['mandate', `neo_sk_${'a1B2c3D4'.repeat(4)}`],
    ['mandate', `agx_AbCdEfGhIjKl_${a36}a1B2c3D`],
    ['mandate', `sk_shinzo_AbCdEfGhIjKl_${a36}a1B2c3D`],
  ])('the whole of a key of %s is found: %s', (name, secret) => {
    expect(found(`use ${secret} here`)).toEqual([`secret:${name} ${secret}`])
  })

  test.each([
    ['assignment', 'password=Xk29!fLq83zP', 'Xk29!fLq83zP'],
    ['assignment', '{"api_key": "a8f9sd8f7as98df7"}', 'a8f9sd8f7as98df7'],
    ['assignment', 'CLIENT_SECRET := a8f9Sd8f7as98df7', 'a8f9Sd8f7as98df7'],
    ['aws', `aws_secret_access_key = ${'aB3/'.repeat(10)}`, 'aB3/'.repeat(10)],
    ['azure', `AccountName=x;AccountKey=${'aB3d'.repeat(21)}aB==`, `${'aB3d'.repeat(21)}aB==`],
    ['connection_string', 'postgres://app:S3cretPw@db.internal/x', 'S3cretPw'],
    ['authorization', `Authorization: Bearer ${a36}`, a36],
  ])('%s is found by what is said of it: %s', (name, text, secret) => {
    expect(found(text)).toContain(`secret:${name} ${secret}`)
  })

  test('a private key is found from its first line to its last', () => {
    const key = `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n${`${a36}+/=\n`.repeat(20)}-----END RSA PRIVATE KEY-----`
    expect(found(`key:\n${key}\nmore text`)).toEqual([`secret:private_key ${key}`])
    const json = JSON.stringify({ key })
    expect(found(json)).toEqual([`secret:private_key ${JSON.stringify(key).slice(1, -1)}`])
  })

  test.each([
    'password: string',
    'const token = readToken(options)',
    'api_key=[redacted:secret:assignment]',
    'secret: $MY_SECRET_1',
    'password = process.env.PASSWORD_1',
    'token: https://example.com/token/12345678',
    'sk-loading-spinner-animation-container',
    '-----BEGIN PUBLIC KEY-----',
    'https://example.com:8080/a@b',
    'AKIA',
    'the key: 12345678',
  ])('nothing is found in %j', (text) => {
    expect(found(text)).toEqual([])
  })
})

describe('keywords', () => {
  test.each([
    ['MERGER!', 'MERGER'],
    ['the Insider   Information of', 'Insider   Information'],
    ['insider-information', 'insider-information'],
    ['projekt käfer', 'projekt käfer'],
    ['projekt ka\u0308fer', 'projekt ka\u0308fer'],
    ['ｍｅｒｇｅｒ', 'ｍｅｒｇｅｒ'],
  ])('%j holds one', (text, keyword) => {
    expect(found(text)).toContain(`keyword ${keyword}`)
  })

  test.each(['mergers', 'submerger', 'merger_id', 'insiderinformation', '会merger'])('%j holds none', (text) => {
    expect(found(text)).toEqual([])
  })
})

test('a finding holds the detector, its version, the place and a salted digest of what was found, decoded', () => {
  const text = `id ${Buffer.from('SSN 123-45-6789').toString('base64')}`
  expect(scanText(text, salt, { keywords: [] })).toEqual([
    {
      detector: 'ssn',
      version: detectorsVersion,
      start: 3,
      end: text.length,
      digest: digestContent(salt, '123-45-6789'),
      encodings: ['base64'],
    },
  ])
})

test('every detector that finds something has a name in the list and belongs to a group', () => {
  expect(detectorNames).toEqual([...new Set(detectorNames)])
  expect(detectorNames.map(groupOf)).toEqual(expect.arrayContaining(['personal_data', 'secret', 'keyword', 'evasion']))
  expect(groupOf('ssn')).toBe('personal_data')
  expect(groupOf('secret:aws')).toBe('secret')
  expect(groupOf('encoded_too_deep')).toBe('evasion')
})

test('beyond a number of findings of one detector the rest is one finding that reaches to the last', () => {
  const one = 'a@b.co '
  const count = findingsPerDetectorMax + 50
  const findings = scanText(one.repeat(count), salt, { keywords: [] })
  expect(findings).toHaveLength(findingsPerDetectorMax + 1)
  expect(findings.at(-1)).toMatchObject({ start: findingsPerDetectorMax * one.length, end: count * one.length - 1 })
})

describe('which findings are listed', () => {
  const placesOf = (text: string) =>
    scanText(text, salt, { keywords }).map(({ detector, start, end }) => `${detector} ${start}-${end}`)

  test('findings come by their place, the longer one first, and then by name', () => {
    expect(placesOf('a merger, joe@example.com and 8.8.8.8')).toEqual(['keyword 2-8', 'email 10-25', 'ip 30-37'])
    expect(placesOf('8.8.8.8 and joe@example.com on a merger')).toEqual(['ip 0-7', 'email 12-27', 'keyword 33-39'])
    expect(scanText('merger@example.com', salt, { keywords }).map(({ detector }) => detector)).toEqual([
      'email',
      'keyword',
    ])
    const same = scanText('joe@example.com', salt, { keywords: ['joe@example.com'] })
    expect(same.map(({ detector }) => detector)).toEqual(['email', 'keyword'])
  })

  test('a keyword in the place of another finding comes by its length and its name', () => {
    const detectorsOf = (text: string, keyword: string) =>
      scanText(text, salt, { keywords: [keyword] }).map(({ detector }) => detector)
    expect(detectorsOf('123-45-6789 is mine', '123-45-6789')).toEqual(['keyword', 'ssn'])
    expect(detectorsOf('123-45-6789 is mine', '123-45-6789 is mine')).toEqual(['keyword', 'ssn'])
    expect(detectorsOf('123-45-6789 is mine', '123')).toEqual(['ssn', 'keyword'])
  })

  test('what is found in a later layer stands in its place', () => {
    const token = Buffer.from('SSN 123-45-6789').toString('base64')
    const findings = scanText(`${token} 123-45-6780 ${token}`, salt, { keywords })
    expect(findings.map(({ start }) => start)).toEqual([0, token.length + 1, token.length + 13])
  })

  test('of findings of one group the one that holds the others is listed, and findings that overlap are both', () => {
    const key = `ghp_${a36}`
    expect(placesOf(`password=${key}`)).toEqual([`secret:github 9-${9 + key.length}`])
    expect(placesOf(`password=x${key}y`)).toEqual([`secret:github 10-${11 + key.length}`])
    expect(placesOf(`${key} password=Xk29!fLq83zP`)).toEqual([
      `secret:github 0-${key.length}`,
      `secret:assignment ${key.length + 10}-${key.length + 22}`,
    ])
    expect(placesOf(`password=Xk29!fLq83zP ${key}`)).toEqual([
      'secret:assignment 9-21',
      `secret:github 22-${22 + key.length}`,
    ])
  })

  test('what several layers hold is listed once, with its first encodings', () => {
    const token = Buffer.from('SSN 123-45-6789 and 987').toString('base64')
    const findings = scanText(`123-45-6789 %31 ${token}`, salt, { keywords })
    expect(findings.map(({ detector, start, encodings }) => [detector, start, ...encodings])).toEqual([
      ['ssn', 0],
      ['ssn', 16, 'base64'],
    ])
  })

  test('of findings that begin in one place the longest is listed', () => {
    expect(placesOf('212-555-0123@b.co')).toEqual(['email 0-17'])
    expect(placesOf('joe@b.co\u200bm')).toEqual(['email 0-10'])
    expect(placesOf('jo\u200be@b.co')).toEqual(['email 0-9'])
  })

  test('a known kind of secret comes before each assignment of it, and other findings within one are listed too', () => {
    const key = `ghp_${a36}`
    expect(placesOf(`${key} password=${key}`)).toEqual([
      `secret:github 0-${key.length}`,
      `secret:github ${key.length + 10}-${2 * key.length + 10}`,
    ])
    expect(placesOf('password=Xk29!joe@example.com')).toEqual(['email 0-29', 'secret:assignment 9-29'])
  })

  test('what is encoded too deep is listed in its place, as it stands in the text', () => {
    const token = [1, 2, 3, 4, 5].reduce((text) => Buffer.from(text).toString('base64'), 'some words')
    expect(scanText(`see ${token}`, salt, { keywords })).toEqual([
      {
        detector: 'encoded_too_deep',
        version: detectorsVersion,
        start: 4,
        end: 4 + token.length,
        digest: digestContent(salt, token),
        encodings: Array(5).fill('base64'),
      },
    ])
  })

  test('a finding in a token within a token in which the same was found is not listed again', () => {
    const base64 = (text: string) => Buffer.from(text).toString('base64')
    const token = base64(`SSN 123-45-6789 ${base64('SSN 123-45-6780')}`)
    const findings = scanText(token, salt, { keywords })
    expect(findings.map(({ detector, digest }) => [detector, digest])).toEqual([
      ['ssn', digestContent(salt, '123-45-6789')],
    ])
  })

  test('what a later layer holds only the end of is listed once, as a whole', () => {
    const words = 'word '.repeat(10)
    const email = `${'ab.'.repeat(20)}x@b.co`
    // The layer of the decoded token begins forty units before it, within the address.
    const text = `${words}${email} ${Buffer.from('some text').toString('base64')}`
    expect(placesOf(text)).toEqual([`email ${words.length}-${words.length + email.length}`])
  })

  test('two findings in one token are both listed', () => {
    const token = Buffer.from('SSN 123-45-6789 or 123-45-6780').toString('base64')
    const findings = scanText(token, salt, { keywords })
    expect(findings.map(({ start, end, digest }) => [start, end, digest])).toEqual(
      ['123-45-6789', '123-45-6780'].map((ssn) => [0, token.length, digestContent(salt, ssn)]),
    )
  })

  test('the limit counts each detector by itself, and the rest is from the next to the last', () => {
    const mails = Array.from({ length: findingsPerDetectorMax + 3 }, (_, n) => `a${1000 + n}@b.co`)
    const addresses = Array.from({ length: findingsPerDetectorMax }, (_, n) => `8.8.8.${n}`)
    const text = `${mails.join(' ')} ${addresses.join(' ')}`
    const findings = scanText(text, salt, { keywords })
    expect(findings.map(({ start }) => start)).toEqual(findings.map(({ start }) => start).toSorted((a, b) => a - b))
    expect(findings.filter(({ detector }) => detector === 'ip')).toHaveLength(findingsPerDetectorMax)
    const emails = findings.filter(({ detector }) => detector === 'email')
    expect(emails).toHaveLength(findingsPerDetectorMax + 1)
    const rest = mails.slice(findingsPerDetectorMax).join(' ')
    const start = text.indexOf(rest)
    expect(emails.at(-1)).toEqual({
      detector: 'email',
      version: detectorsVersion,
      start,
      end: start + rest.length,
      digest: digestContent(salt, rest),
      encodings: [],
    })
  })
})
