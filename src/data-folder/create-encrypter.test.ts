import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createEncrypter } from './create-encrypter.ts'

const newIv = () => randomBytes(12)
const encrypter = createEncrypter(Buffer.alloc(32, 1), newIv)

test('what is encrypted is decrypted by the same installation, under the same name', () => {
  const encrypted = encrypter.encrypt('key:1', 'whsec_ö')
  expect(Buffer.from(encrypted).toString('utf8')).not.toContain('whsec')
  expect(createEncrypter(Buffer.alloc(32, 1), newIv).decrypt('key:1', encrypted)).toBe('whsec_ö')
})

test('encrypting the same twice gives different bytes', () => {
  expect(encrypter.encrypt('a', 'b')).not.toEqual(encrypter.encrypt('a', 'b'))
})

test('nothing is decrypted under another name, with another pepper, or changed in any byte', () => {
  const encrypted = encrypter.encrypt('key:1', 'secret')
  expect(encrypter.decrypt('key:2', encrypted)).toBeUndefined()
  expect(createEncrypter(Buffer.alloc(32, 2), newIv).decrypt('key:1', encrypted)).toBeUndefined()
  for (let at = 0; at < encrypted.length; at += 1) {
    const changed = Uint8Array.from(encrypted)
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(encrypter.decrypt('key:1', changed)).toBeUndefined()
    expect(encrypter.decrypt('key:1', encrypted.subarray(0, at))).toBeUndefined()
  }
})
