import type { PublicKeyRecord, Signer } from '../domain/signer.ts'

// What an implementation of the seam works with; it may import this root only.
export type { PublicKeyRecord, Signer }

/** The keys of this installation. Both fields follow a rotation at once: ask again each time, and keep no copy. */
export interface Keyring {
  /** The only one that signs. */
  readonly current: Signer
  /** Every key there ever was, the oldest first; the last one is the current. */
  readonly keys: readonly PublicKeyRecord[]
}
