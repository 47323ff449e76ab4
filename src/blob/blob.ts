import type { Digest } from '../domain/content.ts'

/** Immutable bytes by their digest: files, artifacts, manifests. Bytes whose put resolved survive a crash. */
export interface BlobStore {
  /** Stores bytes and resolves with their SHA-256, `sha256:<hex>`. Putting the same bytes twice stores one blob. */
  put(bytes: Uint8Array): Promise<Digest>
  get(digest: Digest): Promise<Uint8Array | undefined>
  /**
   * Removes the bytes, unless they were put at or after `since` (epoch milliseconds by the system's clock): putting
   * bytes that are stored already renews them. Resolves with whether the bytes are absent now, also where they were
   * never stored.
   */
  remove(digest: Digest, since: number): Promise<boolean>
}

/** The files of a workspace at one moment, stored as a JSON blob. Paths are relative, separated by `/`, and sorted. */
export interface Manifest {
  readonly files: readonly ManifestFile[]
}

/** One file of a manifest. */
export interface ManifestFile {
  readonly path: string
  readonly digest: Digest
  readonly bytes: number
}
