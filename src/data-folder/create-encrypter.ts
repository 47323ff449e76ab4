import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import type { Encrypter } from '../domain/webhook.ts'

const form = 1
const ivBytes = 12
const tagBytes = 16

/**
 * Encrypts with AES-256-GCM under a key that HKDF-SHA-256 derives from the installation's pepper. The name is the additional
 * data. The result is one byte for the form, then IV, tag and ciphertext. `newIv` must never return the same 12 bytes twice.
 */
export function createEncrypter(pepper: Uint8Array, newIv: () => Uint8Array): Encrypter {
  const key = new Uint8Array(hkdfSync('sha256', pepper, '', 'mandate: webhook secrets', 32))
  return {
    encrypt(name, text) {
      const iv = newIv().subarray(0, ivBytes)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(name))
      const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([Buffer.of(form), iv, cipher.getAuthTag(), encrypted])
    },
    decrypt(name, encrypted) {
      if (encrypted[0] !== form || encrypted.length < 1 + ivBytes + tagBytes) return undefined
      const iv = encrypted.subarray(1, 1 + ivBytes)
      const tag = encrypted.subarray(1 + ivBytes, 1 + ivBytes + tagBytes)
      const decipher = createDecipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(name)).setAuthTag(tag)
      try {
        const opened = [decipher.update(encrypted.subarray(1 + ivBytes + tagBytes)), decipher.final()]
        return Buffer.concat(opened).toString('utf8')
      } catch {
        return undefined // The tag differs: the bytes are not ours, or were changed.
      }
    },
  }
}
