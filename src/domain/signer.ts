/** A key that signs for this installation. */
export interface Signer {
  /** `ed25519:` and the first 32 hex digits of the SHA-256 of the public key's bytes. */
  readonly keyId: string
  /** The public key, 32 bytes. */
  readonly publicKey: Uint8Array
  /**
   * Makes an Ed25519 signature of 64 bytes. It is synchronous: it takes some 30 microseconds, which is less than
   * handing the work to a thread.
   */
  sign(bytes: Uint8Array): Uint8Array
}

/** A public key as it is published. Retired keys stay listed, so that their signatures can be verified. */
export interface PublicKeyRecord {
  readonly key_id: string
  /** The 32 bytes of the key in base64. */
  readonly public_key: string
  /** The instant of its creation, in epoch milliseconds. */
  readonly created_at: number
  /** The instant at which another key replaced it, or null for the one that signs. */
  readonly retired_at: number | null
}
