import type { Keyring } from './signer.ts'

/** Who signs statements on this installation, and into which log they go. Ask for the current key each time. */
export interface Notary {
  readonly logId: string
  readonly keyring: Keyring
}
