import type { Notary } from '../../src/signer/signer.ts'
import { createTestSigningKeys } from './test-signing-keys.ts'

export function testNotary(logId = 'log-test'): Notary {
  return { logId, keyring: createTestSigningKeys().keyring }
}
