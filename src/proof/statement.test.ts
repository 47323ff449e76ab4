import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyStatement, digestNamed, rotationOf, signerNamed } from '../../test/support/sample-statements.ts'
import type { Certificate, Statement } from '../domain/statement.ts'
import { canonicalText } from './canonical-json.ts'
import { digestOf } from './digests.ts'
import { decodeStatement, encodeStatement } from './statement.ts'

const alice = signerNamed('alice')
const statements = anyStatement(alice.keyId)
const amounts = { micros_usd: 1, tokens: 2, steps: 3 }

const certificate: Certificate = {
  kind: 'certificate',
  log_id: 'log-1',
  key_id: alice.keyId,
  task: 'task-1',
  run: 'run-1',
  attempt: 1,
  step: 2,
  action: 'action-1',
  previous: null,
  issued_at: 1_760_000_000_000,
  principal: { user: 'user-1', team: null, role: 'operator' },
  tool: 'fetch_url',
  arguments: digestNamed('arguments'),
  inputs: digestNamed('inputs'),
  capabilities: ['network:http:read'],
  policy: { name: 'default', digest: digestNamed('policy') },
  parent: null,
  rules: ['policy:allow'],
  reserved: amounts,
  repeats: null,
  expires_at: 1_760_000_060_000,
}

function objectOf(statement: Statement): Record<string, unknown> {
  return JSON.parse(Buffer.from(encodeStatement(statement).payload).toString('utf8'))
}

function problemOf(value: unknown): string {
  const decoded = decodeStatement(Buffer.from(typeof value === 'string' ? value : canonicalText(value)))
  return 'problem' in decoded ? decoded.problem : 'decoded'
}

test('a statement is decoded to what was encoded, and is named by the digest of its bytes', () => {
  fc.assert(
    fc.property(statements, (statement) => {
      const { payload, digest } = encodeStatement(statement)
      expect(decodeStatement(payload)).toEqual(statement)
      expect(digest).toBe(digestOf(payload))
    }),
  )
})

test('a statement is an in-toto Statement about the arguments of its action', () => {
  const { kind: _, ...predicate } = certificate
  expect(objectOf(certificate)).toEqual({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'action:action-1', digest: { sha256: digestNamed('arguments').slice(7) } }],
    predicateType: 'urn:mandate:certificate:v1',
    predicate,
  })
})

test('each kind of statement names what it is about', () => {
  const seen = new Map<string, unknown>()
  for (const statement of fc.sample(statements, 200)) {
    const [subject] = objectOf(statement)['subject'] as { name: string; digest: { sha256: string } }[]
    seen.set(statement.kind, subject)
    if (statement.kind === 'closing') {
      expect(subject).toEqual({ name: `run:${statement.run}`, digest: { sha256: statement.events_root.slice(7) } })
    }
    if (statement.kind === 'revocation') {
      expect(subject).toEqual({ name: 'certificate', digest: { sha256: statement.certificate.slice(7) } })
    }
    if (statement.kind === 'settlement') {
      expect(subject).toEqual({
        name: `action:${statement.action}`,
        digest: { sha256: statement.certificate.slice(7) },
      })
    }
  }
  expect([...seen.keys()].sort()).toEqual(['certificate', 'closing', 'refusal', 'revocation', 'settlement'])
  const bob = signerNamed('bob')
  expect(objectOf(rotationOf(alice, bob))['subject']).toEqual([
    { name: `key:${bob.keyId}`, digest: { sha256: digestOf(bob.publicKey).slice(7) } },
  ])
})

test('a statement without one of its fields, with one more, or with one of another type is not decoded', () => {
  const others = [undefined, null, true, -1, 1.5, 2 ** 53, '', 'x', [], ['x', 1], {}]
  fc.assert(
    fc.property(fc.oneof(statements, fc.constant(rotationOf(alice, signerNamed('bob')))), fc.nat(), (statement, n) => {
      const whole = objectOf(statement)
      const predicate = whole['predicate'] as Record<string, unknown>
      expect(problemOf({ ...whole, predicate: { ...predicate, unheard_of: 1 } })).toContain('unheard_of')
      const name = Object.keys(predicate)[n % Object.keys(predicate).length] ?? ''
      const { [name]: held, ...rest } = predicate
      expect(problemOf({ ...whole, predicate: rest })).toContain(`lacks ${name}`)
      for (const other of others) {
        if (fitsAlso(name, other) || other === held) continue
        expect(problemOf({ ...whole, predicate: { ...predicate, [name]: other } }), `${name}: ${other}`).not.toBe(
          'decoded',
        )
      }
    }),
  )
})

/** Other values that a field may have; a signature would show them. */
function fitsAlso(name: string, other: unknown): boolean {
  if (other === null) return ['previous', 'parent', 'repeats', 'result'].includes(name)
  if (other === true) return name === 'late'
  if (other === 'x') return !/arguments|inputs|certificate|previous|result|events_root|key_id|outcome/u.test(name)
  if (other === '') return ['tool', 'reason', 'by'].includes(name)
  return Array.isArray(other) && other.length === 0 && ['capabilities', 'rules', 'labels'].includes(name)
}

test.each([
  ['is no JSON', '{', 'not JSON'],
  ['is null', 'null', 'not JSON'],
  ['has no kind', { ...objectOf(certificate), predicateType: 'urn:mandate:blessing:v1' }, 'no kind'],
  ['is of another version', { ...objectOf(certificate), predicateType: 'urn:mandate:certificate:v2' }, 'no kind'],
  [
    'is of another kind than its fields',
    { ...objectOf(certificate), predicateType: 'urn:mandate:refusal:v1' },
    'refusal',
  ],
  ['has another type', { ...objectOf(certificate), _type: 'https://in-toto.io/Statement/v0.1' }, 'canonical bytes'],
  ['has a field too many', { ...objectOf(certificate), more: 1 }, 'canonical bytes'],
  ['has no subject', { ...objectOf(certificate), subject: [] }, 'subject'],
  [
    'has the subject of another',
    { ...objectOf(certificate), subject: objectOf({ ...certificate, action: 'b' })['subject'] },
    'subject',
  ],
  ['has white space', JSON.stringify(objectOf(certificate), null, 1), 'canonical bytes'],
  ['has another order', JSON.stringify({ subject: [], ...objectOf(certificate) }), 'canonical bytes'],
  ['has a doubled name', canonicalText(objectOf(certificate)).replace('{', '{"_type":"x",'), 'canonical bytes'],
  [
    'has a number in another form',
    canonicalText(objectOf(certificate)).replace('"step":2', '"step":2.0'),
    'canonical bytes',
  ],
])('a statement that %s is not decoded, and the words say why', (_what, given, words) => {
  expect(problemOf(given)).toContain(words)
})

test('a statement that is not UTF-8, or begins with a byte order mark, is not decoded', () => {
  const { payload } = encodeStatement({ ...certificate, tool: 'fetch_é' })
  const at = Buffer.from(payload).indexOf('é')
  expect(decodeStatement(payload)).not.toHaveProperty('problem')
  expect(decodeStatement(Buffer.from(payload).fill(0xff, at, at + 1))).toHaveProperty('problem')
  expect(decodeStatement(Buffer.concat([Buffer.from('\ufeff'), payload]))).toHaveProperty('problem')
})

test('a rotation is not decoded where a key goes by an id that is not its own, or is its own successor', () => {
  const rotation = rotationOf(alice, signerNamed('bob'))
  const misnamed = { ...rotation, to: { ...rotation.to, public_key: rotation.from.public_key } }
  expect(problemOf(objectOf(misnamed))).toContain('that is not it')
  expect(problemOf(objectOf({ ...rotation, to: rotation.from }))).toContain('to itself')
})
