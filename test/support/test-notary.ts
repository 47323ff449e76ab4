import type { SigningKeys } from '../../src/engine/signing-keys.ts'
import { createEd25519Signer, newEd25519Key } from '../../src/signer/ed25519/create-ed25519-signer.ts'
import type { Notary } from '../../src/signer/notary.ts'
import type { PublicKeyRecord, Signer } from '../../src/signer/signer.ts'

/** The first key of all worlds of a test file. */
const first = createEd25519Signer(newEd25519Key())

/** Keys in memory, which can be rotated. */
export function testSigningKeys(start: Signer = first): SigningKeys {
  let signers = [start]
  let keys = [recordOf(start, 0)]
  return {
    keyring: {
      get current() {
        return signers.at(-1) ?? start
      },
      get keys() {
        return keys
      },
    },
    get previous() {
      return signers.at(-2)
    },
    async rotate(now) {
      const from = signers.at(-1) ?? start
      const to = createEd25519Signer(newEd25519Key())
      signers = [...signers, to]
      const retired = keys.map((key) => ({ ...key, retired_at: key.retired_at ?? now }))
      keys = [...retired, recordOf(to, now)]
      return { from, to }
    },
  }
}

function recordOf(signer: Signer, createdAt: number): PublicKeyRecord {
  const publicKey = Buffer.from(signer.publicKey).toString('base64')
  return { key_id: signer.keyId, public_key: publicKey, created_at: createdAt, retired_at: null }
}

export function testNotary(logId = 'log-test'): Notary {
  return { logId, keyring: testSigningKeys().keyring }
}
