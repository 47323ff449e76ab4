import type { PublicKeyRecord, Signer } from '../domain/signer.ts'

// The types that an implementation of the seam works with. It imports only this root.
export type { PublicKeyRecord, Signer }

/** The keys of this installation. Both fields follow a rotation at once: read them anew each time and keep no copy. */
export interface Keyring {
  /** The only key that signs. */
  readonly current: Signer
  /** Every key that ever signed, oldest first. The last one is the current key. */
  readonly keys: readonly PublicKeyRecord[]
}

/**
 * The keys that sign statements on this installation, and the log that the statements enter. The current key is read
 * anew each time.
 */
export interface Notary {
  readonly logId: string
  readonly keyring: Keyring
}
