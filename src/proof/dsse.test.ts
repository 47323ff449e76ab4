import fc from 'fast-check'
import { expect, test } from 'vitest'
import { signerNamed } from '../../test/support/sample-statements.ts'
import { canonicalText } from './canonical-json.ts'
import { openEnvelope, preAuthEncoding, signEnvelope, verifySignature } from './dsse.ts'

const [alice, bob] = [signerNamed('alice'), signerNamed('bob')]
const type = 'http://example.com/HelloWorld'
const payload = Buffer.from('hello world')

test('what is signed is what the example of the protocol gives', () => {
  expect(Buffer.from(preAuthEncoding(type, payload)).toString()).toBe(
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  )
  expect(Buffer.from(preAuthEncoding('ö', Buffer.from('ß'))).toString()).toBe('DSSEv1 2 ö 2 ß')
})

test('an envelope opens to what was signed, and each signature is of its own key', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string({ unit: 'grapheme' }), (bytes, payloadType) => {
      const opened = openEnvelope(signEnvelope(payloadType, bytes, [alice, bob]))
      if ('problem' in opened) throw new Error(opened.problem)
      expect(Buffer.from(opened.payload).equals(bytes)).toBe(true)
      expect(opened.payloadType).toBe(payloadType)
      expect(opened.signatures.map(({ keyId }) => keyId)).toEqual([alice.keyId, bob.keyId])
      expect(verifySignature(opened, alice.keyId, alice.publicKey)).toBe(true)
      expect(verifySignature(opened, bob.keyId, bob.publicKey)).toBe(true)
      expect(verifySignature(opened, alice.keyId, bob.publicKey)).toBe(false)
      expect(verifySignature(opened, signerNamed('carol').keyId, alice.publicKey)).toBe(false)
      expect(verifySignature({ ...opened, payloadType: `${payloadType}x` }, alice.keyId, alice.publicKey)).toBe(false)
    }),
  )
})

test('the text of an envelope is canonical', () => {
  const text = signEnvelope(type, payload, [alice])
  expect(text).toBe(canonicalText(JSON.parse(text)))
})

const sig = Buffer.alloc(64).toString('base64')
const good = { payload: 'aGVsbG8=', payloadType: 't', signatures: [{ keyid: 'k', sig }] }

test.each([
  ['no JSON', '{', 'not JSON'],
  ['null', 'null', 'exactly payload'],
  ['a list', '[]', 'exactly payload'],
  ['a key too many', { ...good, more: 1 }, 'exactly payload'],
  ['a key too few', { payload: 'aGVsbG8=', payloadType: 't' }, 'exactly payload'],
  ['a payload without padding', { ...good, payload: 'aGVsbG8' }, 'canonical base64'],
  ['a payload that is no text', { ...good, payload: 1 }, 'canonical base64'],
  ['a type that is no text', { ...good, payloadType: 1 }, 'not a text'],
  ['no signatures', { ...good, signatures: [] }, 'no signatures'],
  ['signatures that are no list', { ...good, signatures: {} }, 'no signatures'],
  ['a signature with a key too many', { ...good, signatures: [{ keyid: 'k', sig, cert: '' }] }, 'exactly keyid'],
  ['a signature that is no object', { ...good, signatures: ['k'] }, 'exactly keyid'],
  ['a keyid that is no text', { ...good, signatures: [{ keyid: 1, sig }] }, 'keyid of a signature'],
  ['a signature without padding', { ...good, signatures: [{ keyid: 'k', sig: sig.slice(0, -1) }] }, 'signature is not'],
  ['a key that signs twice', { ...good, signatures: [good.signatures[0], good.signatures[0]] }, 'signs twice'],
  ['white space', JSON.stringify(good, null, 1), 'canonical text'],
  ['another order', '{"payloadType":"t","payload":"","signatures":[{"keyid":"k","sig":""}]}', 'canonical text'],
  [
    'a doubled key',
    '{"payload":"","payload":"","payloadType":"t","signatures":[{"keyid":"k","sig":""}]}',
    'canonical text',
  ],
  ['a line end', `${canonicalText(good)}\n`, 'canonical text'],
  ['an escape that is not due', canonicalText(good).replace('"t"', '"\\u0074"'), 'canonical text'],
])('an envelope with %s is not opened, and the words say why', (_what, given, words) => {
  const opened = openEnvelope(typeof given === 'string' ? given : canonicalText(given))
  expect('problem' in opened ? opened.problem : 'opened').toContain(words)
})

test('the one that these were made of opens', () => {
  expect(openEnvelope(canonicalText(good))).not.toHaveProperty('problem')
})
