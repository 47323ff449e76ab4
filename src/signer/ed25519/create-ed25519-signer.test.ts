import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyIdOf, verifyEd25519 } from '../../proof/ed25519.ts'
import { createEd25519Signer, newEd25519Key } from './create-ed25519-signer.ts'

test('the first test of RFC 8032 has the signature that the RFC gives', () => {
  const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'
  const signer = createEd25519Signer(Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex'))
  const publicKey = Buffer.from(signer.publicKey).toString('hex')
  expect(publicKey).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')
  expect(Buffer.from(signer.sign(Buffer.alloc(0))).toString('hex')).toBe(
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  )
  // `printf d75a…511a | xxd -r -p | sha256sum`
  expect(signer.keyId).toBe('ed25519:21fe31dfa154a261626bf854046fd227')
})

test('a new key signs what its public key verifies, and no other key does', () => {
  const [one, other] = [createEd25519Signer(newEd25519Key()), createEd25519Signer(newEd25519Key())]
  expect(one.keyId).not.toBe(other.keyId)
  expect(one.keyId).toBe(keyIdOf(one.publicKey))
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat({ max: 511 }), (bytes, bit) => {
      const signature = Uint8Array.from(one.sign(bytes))
      expect(verifyEd25519(one.publicKey, bytes, signature)).toBe(true)
      expect(verifyEd25519(other.publicKey, bytes, signature)).toBe(false)
      expect(verifyEd25519(one.publicKey, Buffer.concat([bytes, Buffer.of(0)]), signature)).toBe(false)
      const at = bit >> 3
      expect(verifyEd25519(one.publicKey, bytes, signature.with(at, (signature[at] ?? 0) ^ (1 << (bit & 7))))).toBe(
        false,
      )
    }),
  )
})

test('what is no key and no signature verifies nothing, and is no error', () => {
  const signer = createEd25519Signer(newEd25519Key())
  const bytes = Buffer.from('x')
  expect(verifyEd25519(signer.publicKey.subarray(1), bytes, signer.sign(bytes))).toBe(false)
  expect(verifyEd25519(new Uint8Array(32).fill(255), bytes, signer.sign(bytes))).toBe(false)
  expect(verifyEd25519(signer.publicKey, bytes, new Uint8Array(0))).toBe(false)
  expect(verifyEd25519(signer.publicKey, bytes, new Uint8Array(65))).toBe(false)
})

test('keys stay verifiable when many others were looked at in between', () => {
  const signer = createEd25519Signer(newEd25519Key())
  const bytes = Buffer.from('x')
  const signature = signer.sign(bytes)
  for (let i = 0; i < 200; i += 1) {
    expect(verifyEd25519(Buffer.alloc(32, i), bytes, signature)).toBe(false)
  }
  expect(verifyEd25519(signer.publicKey, bytes, signature)).toBe(true)
})

test('only an Ed25519 key makes a signer', () => {
  const x25519 = generateKeyPairSync('x25519').privateKey.export({ format: 'der', type: 'pkcs8' })
  expect(() => createEd25519Signer(x25519)).toThrow('not an Ed25519 key')
  expect(() => createEd25519Signer(Buffer.from('no key'))).toThrow()
})
