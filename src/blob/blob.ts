import type { Digest } from '../domain/content.ts'

/** Bytes by digest: files, artifacts, manifests. Immutable; a put that resolved survives a crash. */
export interface BlobStore {
  /** The digest is the plain SHA-256 of the bytes, `sha256:<hex>`. Putting the same bytes twice is one blob. */
  put(bytes: Uint8Array): Promise<Digest>
  get(digest: Digest): Promise<Uint8Array | undefined>
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
