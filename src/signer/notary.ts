import type { Keyring } from './signer.ts'

/**
 * The keys that sign statements on this installation, and the log that the statements enter. The current key is read
 * anew each time.
 */
export interface Notary {
  readonly logId: string
  readonly keyring: Keyring
}
