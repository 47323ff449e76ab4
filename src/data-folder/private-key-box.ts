import { randomBytes, scrypt } from 'node:crypto'
import { base64Of, bytesOfBase64 } from '../proof/base64.ts'
import { createEncrypter } from './create-encrypter.ts'

/** The encryption of the private keys of a file, or `null` where they are not encrypted. */
export type Encryption = ScryptEncryption | null

interface ScryptEncryption {
  readonly kdf: 'scrypt'
  readonly cost: number
  readonly block_size: number
  readonly parallelization: number
  /** The salt in base64. */
  readonly salt: string
}

/** Converts private keys to their form in the file, and back. */
export interface PrivateKeyBox {
  readonly encryption: Encryption
  put(keyId: string, pkcs8: Uint8Array): string
  /**
   * Decrypts a key, or undefined where it was encrypted with another secret or under another id, or was changed since.
   */
  take(keyId: string, kept: string): Uint8Array | undefined
}

/** The cost of deriving the key, once at each start: about 128 MiB and a third of a second. */
const cost = { cost: 2 ** 17, block_size: 8, parallelization: 1 }
const saltBytes = 16

/** Stores keys without encryption. Only the mode of the file protects them. */
export const openBox: PrivateKeyBox = {
  encryption: null,
  put: (_keyId, pkcs8) => base64Of(pkcs8),
  take: (_keyId, kept) => bytesOfBase64(kept),
}

/**
 * Encrypts each key, bound to its id, under a key that scrypt derives from the secret. An existing file is read with
 * its own salt.
 */
export async function createLockedBox(secret: string, salt?: string): Promise<PrivateKeyBox> {
  const encryption = { kdf: 'scrypt' as const, ...cost, salt: salt ?? base64Of(randomBytes(saltBytes)) }
  const encrypter = createEncrypter(await keyOf(secret, encryption), () => randomBytes(12))
  const nameOf = (keyId: string) => `signing key ${keyId}`
  return {
    encryption,
    put: (keyId, pkcs8) => base64Of(encrypter.encrypt(nameOf(keyId), base64Of(pkcs8))),
    take: (keyId, kept) => {
      const encrypted = bytesOfBase64(kept)
      const opened = encrypted === undefined ? undefined : encrypter.decrypt(nameOf(keyId), encrypted)
      return opened === undefined ? undefined : bytesOfBase64(opened)
    },
  }
}

/** Whether a file was encrypted in the one way that this version knows. A greater cost would exhaust the memory. */
export function isKnownEncryption(encryption: ScryptEncryption): boolean {
  const { kdf, cost: N, block_size: r, parallelization: p, salt } = encryption
  const known = kdf === 'scrypt' && N === cost.cost && r === cost.block_size && p === cost.parallelization
  return known && bytesOfBase64(salt)?.byteLength === saltBytes
}

function keyOf(secret: string, encryption: ScryptEncryption): Promise<Uint8Array> {
  const { cost: N, block_size: r, parallelization: p, salt } = encryption
  return new Promise((resolve, reject) => {
    const options = { N, r, p, maxmem: 256 * 1024 * 1024 }
    scrypt(secret.normalize('NFC'), Buffer.from(salt, 'base64'), 32, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}
