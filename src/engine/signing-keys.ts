import type { Keyring, Signer } from '../signer/signer.ts'

/** The keys of this installation with their private halves. */
export interface SigningKeys {
  readonly keyring: Keyring
  /**
   * The key before the current one, also after a restart: it can still sign the rotation, should the process have been killed
   * before that was stated. Undefined while there was no rotation.
   */
  readonly previous: Signer | undefined
  /** Makes a new key the current one. It is on disk before this resolves; one at a time. The caller states the rotation. */
  rotate(now: number): Promise<{ readonly from: Signer; readonly to: Signer }>
}
