import { createHash } from 'node:crypto'
import type { BlobStore, Manifest } from '../../src/blob/blob.ts'
import type { Clock } from '../../src/clock/clock.ts'
import type { Workspaces } from '../../src/tool/tool.ts'

/** Blobs in memory, with the times of a test's own clock. */
export function createMemoryBlobs(clock: Pick<Clock, 'now'>) {
  const held = new Map<string, { readonly bytes: Uint8Array; readonly at: number }>()
  const blobs: BlobStore = {
    async put(bytes) {
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
      held.set(digest, { bytes: new Uint8Array(bytes), at: clock.now() })
      return digest
    },
    get: async (digest) => held.get(digest)?.bytes,
    async remove(digest, since) {
      const found = held.get(digest)
      if (found !== undefined && found.at < since) held.delete(digest)
      return !held.has(digest)
    },
  }
  const texts = () => [...held.values()].map(({ bytes }) => Buffer.from(bytes).toString())
  return { blobs, texts }
}

/** Workspaces of which only manifests exist; what was removed is noted. */
export function createMemoryWorkspaces(blobs: BlobStore) {
  const removed: string[] = []
  const workspaces: Workspaces = {
    open: () => Promise.reject(new Error('this world has no folders')),
    async addFiles(manifest, files) {
      const before = manifest === null ? undefined : await blobs.get(manifest)
      const kept: Manifest = before === undefined ? { files: [] } : JSON.parse(Buffer.from(before).toString())
      const added = await Promise.all(
        files.map(async ({ path, bytes }) => ({ path, digest: await blobs.put(bytes), bytes: bytes.byteLength })),
      )
      const all = [...kept.files.filter(({ path }) => added.every((file) => file.path !== path)), ...added]
      return blobs.put(Buffer.from(JSON.stringify({ files: all })))
    },
    remove: async (taskId) => {
      removed.push(taskId)
    },
  }
  return { workspaces, removed }
}
