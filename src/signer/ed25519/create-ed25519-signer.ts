import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { keyIdOf, rawPublicKey } from '../../proof/ed25519.ts'
import type { Signer } from '../signer.ts'

/** A signer with the private key in these PKCS #8 bytes. Throws where they are no Ed25519 key. */
export function createEd25519Signer(pkcs8: Uint8Array): Signer {
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('The private key is not an Ed25519 key.')
  return signerOf(key)
}

/** Generates a private key, in PKCS #8 bytes. */
export function newEd25519Key(): Uint8Array {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' })
}

function signerOf(key: KeyObject): Signer {
  const publicKey = rawPublicKey(key)
  return { keyId: keyIdOf(publicKey), publicKey, sign: (bytes) => sign(null, bytes, key) }
}
