/** Signs in the name of this installation, with one key. */
export interface Signer {
  /** `ed25519:` and the first 32 hex digits of the SHA-256 of the public key's bytes. */
  readonly keyId: string
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** The 64 bytes of an Ed25519 signature. Synchronous: it takes some 30 microseconds, less than a hand-over. */
  sign(bytes: Uint8Array): Uint8Array
}

/** A public key as it is published. Retired keys stay, so that what they signed can be verified. */
export interface PublicKeyRecord {
  readonly key_id: string
  /** Base64 of the 32 bytes. */
  readonly public_key: string
  /** Milliseconds since 1970, UTC. */
  readonly created_at: number
  /** When another key took its place; null for the one that signs. */
  readonly retired_at: number | null
}
