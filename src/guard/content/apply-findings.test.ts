import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ContentRule } from '../../domain/policy.ts'
import { canonicalText } from '../../proof/canonical-json.ts'
import { applyFindings, type FindingRules, redactText, ruleFor } from './apply-findings.ts'
import { scanText } from './scan-text.ts'

const salt = 'ab'.repeat(16)
const keywords = ['merger']
const redactAll: FindingRules = { personal_data: 'redact', secrets: 'redact', blocked_keywords: [] }
const github = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`

function apply(text: string, rules: Partial<FindingRules> = {}) {
  return redactText(text, scanText(text, salt, { keywords }), salt, { ...redactAll, ...rules })
}

describe('rules', () => {
  const text = `SSN 123-45-6789, key ${github}, about the merger`

  test.each<[ContentRule, ContentRule, string[]]>([
    ['allow', 'allow', ['keyword']],
    ['redact', 'redact', ['keyword']],
    ['block', 'redact', ['ssn', 'keyword']],
    ['redact', 'block', ['secret:github', 'keyword']],
    ['block', 'block', ['ssn', 'secret:github', 'keyword']],
  ])('with personal data %s and secrets %s, what blocks is %j', (personal_data, secrets, blocked) => {
    expect(apply(text, { personal_data, secrets }).blocked.map(({ detector }) => detector)).toEqual(blocked)
  })

  test('what is allowed stays, all else has a stand-in', () => {
    const { redacted, changed } = apply(text, { personal_data: 'allow', secrets: 'redact' })
    expect(redacted).toBe('SSN 123-45-6789, key [redacted:secret:github], about the [redacted:keyword]')
    expect(changed).toBe(true)
  })

  test('a text without findings stays as it is', () => {
    expect(apply('nothing')).toEqual({ blocked: [], redacted: 'nothing', changed: false })
    const allowed = apply('SSN 123-45-6789', { personal_data: 'allow', secrets: 'allow' })
    expect(allowed).toEqual({ blocked: [], redacted: 'SSN 123-45-6789', changed: false })
  })

  test.each<[ContentRule, ContentRule, boolean, string]>([
    ['allow', 'allow', false, 'the token'],
    ['redact', 'allow', false, '[redacted:encoded_too_deep]'],
    ['allow', 'redact', false, '[redacted:encoded_too_deep]'],
    ['block', 'allow', true, '[redacted:encoded_too_deep]'],
    ['allow', 'block', true, '[redacted:encoded_too_deep]'],
  ])(
    'with personal data %s and secrets %s, what is encoded too deep blocks: %s',
    (personal_data, secrets, blocks, left) => {
      const token = Array.from({ length: 6 }).reduce<string>(
        (inner) => Buffer.from(inner).toString('base64'),
        'nothing bad',
      )
      const { blocked, redacted } = apply(token, { personal_data, secrets })
      expect(blocked.length > 0).toBe(blocks)
      expect(redacted).toBe(left === 'the token' ? token : left)
    },
  )

  test('with blocked keywords, what is encoded too deep blocks, since it may hold one', () => {
    const rules: FindingRules = { personal_data: 'allow', secrets: 'allow', blocked_keywords: keywords }
    expect(ruleFor('encoded_too_deep', rules)).toBe('block')
    expect(ruleFor('encoded_too_deep', { ...rules, blocked_keywords: [] })).toBe('allow')
    expect(ruleFor('ssn', rules)).toBe('allow')
  })

  test('what is encoded too deep is redacted where either group is', () => {
    const rules: FindingRules = { personal_data: 'allow', secrets: 'allow', blocked_keywords: [] }
    expect(ruleFor('encoded_too_deep', { ...rules, personal_data: 'redact' })).toBe('redact')
    expect(ruleFor('encoded_too_deep', { ...rules, secrets: 'redact' })).toBe('redact')
  })
})

test('what was not examined blocks under every rule', () => {
  expect(ruleFor('unexamined', { personal_data: 'allow', secrets: 'allow', blocked_keywords: [] })).toBe('block')
})

describe('findings in one text', () => {
  type Place = readonly [detector: string, start: number, end: number]
  const at = (text: string, ...places: readonly Place[]) =>
    applyFindings(
      text,
      places.map(([detector, start, end]) => ({ detector, version: 1, start, end, digest: 'x', encodings: [] })),
      redactAll,
    )

  test.each<[string, Place[], string]>([
    [
      'that come in any order are replaced where they are',
      [
        ['ssn', 5, 7],
        ['email', 0, 2],
      ],
      '[redacted:email]cde[redacted:ssn]hij',
    ],
    [
      'that touch each other have a stand-in each',
      [
        ['ssn', 0, 2],
        ['email', 2, 4],
      ],
      '[redacted:ssn][redacted:email]efghij',
    ],
    [
      'that overlap have one, named for what weighs most',
      [
        ['ssn', 0, 4],
        ['secret:github', 2, 6],
      ],
      '[redacted:secret:github]ghij',
    ],
    [
      'of one weight that overlap are named for the first',
      [
        ['ssn', 0, 4],
        ['email', 2, 3],
      ],
      '[redacted:ssn]efghij',
    ],
    [
      'that begin in one place are named for the longest',
      [
        ['email', 0, 2],
        ['ssn', 0, 4],
      ],
      '[redacted:ssn]efghij',
    ],
  ])('%s', (_what, places, redacted) => {
    expect(at('abcdefghij', ...places)).toEqual({ blocked: [], redacted, changed: true })
  })

  test('that are in the structure of a document alone change nothing', () => {
    expect(at('{"a":1}', ['ssn', 0, 1])).toEqual({ blocked: [], redacted: '{"a":1}', changed: false })
  })
})

test('an encoded token goes as a whole', () => {
  expect(apply(`id ${Buffer.from('SSN 123-45-6789 of Joe').toString('base64')} end`).redacted).toBe(
    'id [redacted:ssn] end',
  )
})

test('of findings in the same place the stand-in names what weighs most', () => {
  expect(apply('postgres://app:S3cretPw@db.example.com/x').redacted).toBe(
    'postgres://app:[redacted:secret:connection_string]/x',
  )
})

describe('a JSON document', () => {
  test.each([
    ['{"ssn":123456789}', '{"ssn":"[redacted:ssn]"}'],
    ['{"a":["123-45-6789",true,null,1]}', '{"a":["[redacted:ssn]",true,null,1]}'],
    ['{"a":"x\\n123-45-6789\\n"}', '{"a":"x\\n[redacted:ssn]\\n"}'],
    ['{"a":"\\u0031\\u0032\\u0033-45-6789"}', '{"a":"[redacted:ssn]"}'],
    ['{"a":"123\\u002d45-6789\\\\"}', '{"a":"[redacted:ssn]\\\\"}'],
    ['{"123-45-6789":1,"123-45-6788":2}', '{"[redacted:ssn]":1,"[redacted:ssn] 2":2}'],
    ['{"[redacted:ssn]":0,"123-45-6788":2}', '{"[redacted:ssn]":0,"[redacted:ssn] 2":2}'],
    ['"123-45-6789"', '"[redacted:ssn]"'],
    ['{"n":4111111111111111,"m":-1.5e3}', '{"n":"[redacted:credit_card]","m":-1500}'],
  ])('%s becomes %s', (text, expected) => {
    expect(JSON.parse(apply(text).redacted)).toEqual(JSON.parse(expected))
  })

  test('of which a part reads as a whole once its surroundings are gone is read once more', () => {
    const ssns = '123-45-6789123-45-6789123-45-6789'
    const json = canonicalText({ '123-45-6789': ssns, '4111 1111 1111 1111\n"': 2036282020 })
    const { redacted } = apply(json)
    expect(scanText(redacted, salt, { keywords })).toEqual([])
    expect(JSON.parse(redacted)).toMatchObject({ '[redacted:ssn]': expect.any(String) })
  })

  test('stays one whatever is found in it, and nothing is found in it again', () => {
    const sensitive = fc.constantFrom(
      '123-45-6789',
      'joe@example.com',
      github,
      '4111 1111 1111 1111',
      '"mrn": "1234567"',
    )
    const part = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\\', '"', '\n', '\u0000', '😀', '\\u'),
      sensitive,
    )
    const text = fc.array(part, { maxLength: 5 }).map((parts) => parts.join(''))
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.integer(),
        fc.constantFrom(4111111111111111, null, true),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(text, tie('tree'), { maxKeys: 4 }),
      ),
    }))
    fc.assert(
      fc.property(fc.dictionary(text, tree, { minKeys: 1, maxKeys: 4 }), (value) => {
        const json = canonicalText(JSON.parse(JSON.stringify(value)))
        const { redacted } = apply(json)
        expect(shapeOf(JSON.parse(redacted))).toEqual(shapeOf(JSON.parse(json)))
        expect(apply(redacted).blocked).toEqual([])
        expect(scanText(redacted, salt, { keywords })).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})

/** What redaction may not change: which values there are. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf)
  if (typeof value !== 'object' || value === null) return 'value'
  return Object.values(value)
    .map(shapeOf)
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

test('after redaction nothing that was found is left, plain or in an encoding, and nothing is found again', () => {
  const encode = fc.constantFrom<(text: string) => string>(
    (text) => text,
    (text) => Buffer.from(text).toString('base64'),
    (text) => Buffer.from(text).toString('base64url'),
    (text) => Buffer.from(text).toString('hex'),
    (text) => Buffer.from(text).toString('hex').replace(/../g, '%$&'),
    (text) => [...text].join('\u200b'),
    (text) => text.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
  )
  const sensitive = fc.constantFrom(
    '123-45-6789',
    'joe.doe@example.com',
    github,
    '4111 1111 1111 1111',
    '+442079460958',
  )
  const hidden = fc
    .tuple(encode, encode, sensitive)
    .map(([outer, inner, value]) => ({ value, text: outer(inner(value)) }))
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.lorem(), hidden), { minLength: 1, maxLength: 5 }), fc.lorem(), (parts, end) => {
      const text = parts.map(([words, { text: token }]) => `${words} ${token} `).join('') + end
      const { redacted } = apply(text)
      for (const [, { value, text: token }] of parts) {
        expect(redacted).not.toContain(token)
        for (const form of ['utf8', 'base64', 'base64url', 'hex'] as const)
          expect(redacted).not.toContain(Buffer.from(value).toString(form).replace(/=+$/, ''))
      }
      expect(scanText(redacted, salt, { keywords })).toEqual([])
    }),
    { numRuns: 300 },
  )
})
