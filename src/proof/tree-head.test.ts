import fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestNamed, signerNamed } from '../../test/support/sample-statements.ts'
import { canonicalText } from './canonical-json.ts'
import { signEnvelope } from './dsse.ts'
import { signHead, verifyHead } from './tree-head.ts'

const [alice, mallory] = [signerNamed('alice'), signerNamed('mallory')]
const onlyAlice = (keyId: string) => (keyId === alice.keyId ? alice.publicKey : undefined)
const heads = fc.record({
  logId: fc.uuid(),
  size: fc.maxSafeNat(),
  root: fc.string().map((text) => digestNamed(text).slice(7)),
  at: fc.maxSafeNat(),
})

test('a signed head is read back by who knows the key', () => {
  fc.assert(
    fc.property(heads, (head) => {
      const signed = signHead(alice, head)
      expect(signed).toEqual({ ...head, envelope: signed.envelope })
      expect(verifyHead(signed.envelope, onlyAlice)).toEqual({ ...signed, keyId: alice.keyId })
      expect(verifyHead(signed.envelope, () => mallory.publicKey)).toHaveProperty('problem')
      expect(verifyHead(signHead(mallory, head).envelope, onlyAlice)).toHaveProperty('problem')
    }),
  )
})

test('a head with any character changed is not taken', () => {
  fc.assert(
    fc.property(heads, fc.nat(), fc.constantFrom('0', 'a', 'A', '"', '/', '='), (head, n, other) => {
      const { envelope } = signHead(alice, head)
      const at = n % envelope.length
      const changed = envelope.slice(0, at) + other + envelope.slice(at + 1)
      fc.pre(changed !== envelope)
      expect(verifyHead(changed, onlyAlice)).toHaveProperty('problem')
    }),
    { numRuns: 500 },
  )
})

const type = 'application/vnd.mandate.tree-head+json'
const good = { at: 1, key_id: alice.keyId, log_id: 'log-1', root: '0'.repeat(64), size: 1 }

test.each([
  ['is no JSON', '{', 'not JSON'],
  ['has a field too many', { ...good, more: 1 }, 'unknown field'],
  ['has a field too few', { at: 1, key_id: alice.keyId, log_id: 'log-1', size: 1 }, 'lacks root'],
  ['has a size below zero', { ...good, size: -1 }, 'size'],
  ['has half a root', { ...good, root: '0'.repeat(32) }, 'root'],
  ['names another key', { ...good, key_id: mallory.keyId }, 'not signed by the key that it names'],
  ['has white space', JSON.stringify(good, null, 1), 'canonical bytes'],
])('a head that %s is not taken, though it is signed', (_what, given, words) => {
  const payload = Buffer.from(typeof given === 'string' ? given : canonicalText(given))
  const read = verifyHead(signEnvelope(type, payload, [alice]), onlyAlice)
  expect('problem' in read ? read.problem : 'taken').toContain(words)
})

test('a head that is signed as something else, or by a second key too, is not taken', () => {
  const payload = Buffer.from(canonicalText(good))
  expect(verifyHead(signEnvelope('application/json', payload, [alice]), onlyAlice)).toHaveProperty('problem')
  expect(verifyHead(signEnvelope(type, payload, [alice, mallory]), onlyAlice)).toHaveProperty('problem')
  expect(verifyHead(signEnvelope(type, payload, [alice]), onlyAlice)).not.toHaveProperty('problem')
})
