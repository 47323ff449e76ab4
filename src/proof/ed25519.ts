import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto'
import { base64Of } from './base64.ts'

/** The bytes before the 32 bytes of a public key in its DER form (RFC 8410). */
const spkiStart = Buffer.from('302a300506032b6570032100', 'hex')
const keyBytes = 32
const importedMax = 64
const imported = new Map<string, KeyObject>()

/** The id of a public key. It follows from the key, so that a key cannot use another's id. */
export function keyIdOf(publicKey: Uint8Array): string {
  return `ed25519:${hash('sha256', publicKey, 'hex').slice(0, 32)}`
}

/** The 32 bytes of the public half of a key. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(spkiStart.length)
}

/**
 * Whether the key made this signature of these bytes. Bytes that are no key or no signature give false and no error.
 */
export function verifyEd25519(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.byteLength !== keyBytes) return false
  return verify(null, bytes, importKey(publicKey), signature)
}

/**
 * Imports a public key. Importing takes as long as verifying, and few keys sign a log, so that imported keys are
 * cached.
 */
function importKey(publicKey: Uint8Array): KeyObject {
  const name = base64Of(publicKey)
  const known = imported.get(name)
  if (known !== undefined) return known
  const key = createPublicKey({ key: Buffer.concat([spkiStart, publicKey]), format: 'der', type: 'spki' })
  if (imported.size >= importedMax) imported.clear()
  imported.set(name, key)
  return key
}
