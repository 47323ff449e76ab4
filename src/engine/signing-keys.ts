import type { Keyring, Signer } from '../signer/signer.ts'

/** The keys of this installation with their private halves. */
export interface SigningKeys {
  readonly keyring: Keyring
  /**
   * The key before the current one, also after a restart. It can still sign the rotation where the process was killed before
   * that was in the log. Undefined while there was no rotation.
   */
  readonly previous: Signer | undefined
  /**
   * Makes a new key the current one; calls follow one another. The key is on disk before this resolves. The caller puts the
   * rotation into the log.
   */
  rotate(now: number): Promise<{ readonly from: Signer; readonly to: Signer }>
}
