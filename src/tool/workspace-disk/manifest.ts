import type { Digest } from '../../domain/content.ts'
import { storedBytesLost } from '../../domain/storage-unavailable.ts'
import { checkPath } from '../check-path.ts'
import type { BlobStore, Manifest, ManifestFile } from '../tool.ts'

/** Stores a manifest. Its files are sorted, so that equal workspaces have equal manifests. */
export async function putManifest(blobs: BlobStore, files: readonly ManifestFile[]): Promise<Digest> {
  const sorted = files
    .map(({ path, digest, bytes }) => ({ path, digest, bytes }))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  return await blobs.put(Buffer.from(JSON.stringify({ files: sorted } satisfies Manifest)))
}

/** Reads the files of a manifest, none for null. Refuses `storage_unavailable` where it
 * is missing. */
export async function readManifest(blobs: BlobStore, digest: Digest | null): Promise<readonly ManifestFile[]> {
  if (digest === null) return []
  const bytes = await blobs.get(digest)
  if (bytes === undefined) throw storedBytesLost(`The workspace's manifest ${digest} is missing from the blob store.`)
  const manifest: unknown = JSON.parse(Buffer.from(bytes).toString())
  if (!isManifest(manifest)) throw new Error(`The blob ${digest} is not a manifest.`)
  return manifest.files
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null || !('files' in value)) return false
  return Array.isArray(value.files) && value.files.every(isManifestFile)
}

function isManifestFile(value: unknown): value is ManifestFile {
  if (typeof value !== 'object' || value === null) return false
  if (!('path' in value && 'digest' in value && 'bytes' in value)) return false
  const { path, digest, bytes } = value
  if (typeof path !== 'string' || typeof digest !== 'string' || !Number.isInteger(bytes)) return false
  // Paths are checked here too, since a manifest may come from a restored archive. Their length was limited when they were
  // written, by a limit that may have been another one.
  return checkPath(path, Number.POSITIVE_INFINITY) === undefined
}
