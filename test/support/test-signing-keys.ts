import type { PublicKeyRecord, Signer } from '../../src/domain/signer.ts'
import type { SigningKeys } from '../../src/engine/signing-keys.ts'
import { signerNamed } from './sample-statements.ts'

/** Signing keys in memory: `key-1`, and after each rotation the next. */
export function createTestSigningKeys(): SigningKeys {
  const keys: { readonly signer: Signer; record: PublicKeyRecord }[] = []
  const add = (now: number) => {
    const signer = signerNamed(`key-${keys.length + 1}`)
    const public_key = Buffer.from(signer.publicKey).toString('base64')
    keys.push({ signer, record: { key_id: signer.keyId, public_key, created_at: now, retired_at: null } })
    return signer
  }
  const last = () => {
    const key = keys.at(-1)
    if (key === undefined) throw new Error('there is a key from the beginning')
    return key
  }
  add(0)
  return {
    keyring: {
      get current() {
        return last().signer
      },
      get keys() {
        return keys.map(({ record }) => record)
      },
    },
    get previous() {
      return keys.at(-2)?.signer
    },
    async rotate(now) {
      const from = last()
      from.record = { ...from.record, retired_at: now }
      return { from: from.signer, to: add(now) }
    },
  }
}
