import type { Digest } from '../domain/content.ts'

/** Bytes by digest: files, artifacts, manifests. Immutable; a put that resolved survives a crash. */
export interface BlobStore {
  /** The digest is the plain SHA-256 of the bytes, `sha256:<hex>`. Putting the same bytes twice is one blob. */
  put(bytes: Uint8Array): Promise<Digest>
  get(digest: Digest): Promise<Uint8Array | undefined>
  /**
   * Takes the bytes away, unless they were put (again) at or after `since` (milliseconds since 1970, by the system's clock):
   * whoever puts bytes that are there already gets them as new. Answers whether they are gone now; those that never were
   * are.
   */
  remove(digest: Digest, since: number): Promise<boolean>
}

/** The files of a workspace at one moment, kept in the blob store as JSON. Paths are relative, `/`-separated and sorted. */
export interface Manifest {
  readonly files: readonly ManifestFile[]
}

export interface ManifestFile {
  readonly path: string
  readonly digest: Digest
  readonly bytes: number
}
