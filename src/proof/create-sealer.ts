import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'

/** Makes bytes of a secret that only this installation can open, each under a name that it cannot be moved away from. */
export interface Sealer {
  seal(name: string, text: string): Uint8Array
  /** Undefined where it was sealed under another key or name, or changed since. */
  open(name: string, sealed: Uint8Array): string | undefined
}

const form = 1
const ivBytes = 12
const tagBytes = 16

/**
 * AES-256-GCM under a key that HKDF-SHA-256 derives from the installation's pepper; the name is the additional data. Sealed
 * is one byte for the form, then IV, tag and ciphertext. `newIv` never answers the same 12 bytes twice.
 */
export function createSealer(pepper: Uint8Array, newIv: () => Uint8Array): Sealer {
  const key = new Uint8Array(hkdfSync('sha256', pepper, '', 'mandate: webhook secrets', 32))
  return {
    seal(name, text) {
      const iv = newIv().subarray(0, ivBytes)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(name))
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([Buffer.of(form), iv, cipher.getAuthTag(), sealed])
    },
    open(name, sealed) {
      if (sealed[0] !== form || sealed.length < 1 + ivBytes + tagBytes) return undefined
      const iv = sealed.subarray(1, 1 + ivBytes)
      const tag = sealed.subarray(1 + ivBytes, 1 + ivBytes + tagBytes)
      const decipher = createDecipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(name)).setAuthTag(tag)
      try {
        const opened = [decipher.update(sealed.subarray(1 + ivBytes + tagBytes)), decipher.final()]
        return Buffer.concat(opened).toString('utf8')
      } catch {
        return undefined // the tag does not fit: not ours, or changed
      }
    },
  }
}
