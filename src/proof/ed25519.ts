import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto'
import { base64Of } from './base64.ts'

/** What stands before the 32 bytes of a public key in its DER form (RFC 8410). */
const spkiStart = Buffer.from('302a300506032b6570032100', 'hex')
const keyBytes = 32
const importedMax = 64
const imported = new Map<string, KeyObject>()

/** The name of a public key: it follows from the key, so that a key cannot go by another's. */
export function keyIdOf(publicKey: Uint8Array): string {
  return `ed25519:${hash('sha256', publicKey, 'hex').slice(0, 32)}`
}

/** The 32 bytes of the public half of a key. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(spkiStart.length)
}

/** Whether this is the key's signature of these bytes. False, and no error, where it is no key or no signature at all. */
export function verifyEd25519(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.byteLength !== keyBytes) return false
  return verify(null, bytes, importKey(publicKey), signature)
}

/** Importing takes as long as verifying; a log is signed by few keys. */
function importKey(publicKey: Uint8Array): KeyObject {
  const name = base64Of(publicKey)
  const known = imported.get(name)
  if (known !== undefined) return known
  const key = createPublicKey({ key: Buffer.concat([spkiStart, publicKey]), format: 'der', type: 'spki' })
  if (imported.size >= importedMax) imported.clear()
  imported.set(name, key)
  return key
}
