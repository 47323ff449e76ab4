import { createEd25519Signer, newEd25519Key } from '../../src/signer/ed25519/create-ed25519-signer.ts'
import type { Notary } from '../../src/signer/notary.ts'
import type { Keyring, Signer } from '../../src/signer/signer.ts'

const signer = createEd25519Signer(newEd25519Key())

/** One key for all worlds of a test file: making one takes longer than most tests. */
export function testNotary(logId = 'log-test', current: Signer = signer): Notary {
  const record = { key_id: current.keyId, public_key: Buffer.from(current.publicKey).toString('base64') }
  const keyring: Keyring = { current, keys: [{ ...record, created_at: 0, retired_at: null }] }
  return { logId, keyring }
}
