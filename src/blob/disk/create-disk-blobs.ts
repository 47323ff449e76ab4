import { randomUUID, webcrypto } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Digest } from '../../domain/content.ts'
import { refusingDiskErrors, storedBytesLost } from '../../domain/storage-unavailable.ts'
import type { BlobStore } from '../blob.ts'

/** The age at which a temporary file was certainly left by a process that ended. */
const leftoverAgeMs = 3_600_000
const temporaryFolder = 'tmp'

/**
 * Stores blobs as files: `<folder>/<2 hex>/<62 hex>`. A put writes to `<folder>/tmp`, syncs, renames the file into
 * place and syncs the folder, so that a crash leaves the whole blob or none. A put that finds its blob damaged replaces
 * it, and one that finds it whole renews its time. Any number of puts of the same bytes make one file. `get` returns
 * only bytes with the requested digest. Rejects with a Refusal `storage_unavailable`, which names the blob, where that is
 * damaged, and when the disk refuses.
 */
export function createDiskBlobs(folder: string): BlobStore {
  const shards = new Map<string, Promise<void>>()
  /** Puts and removals in progress. Those of one blob follow one another. */
  const writing = new Map<Digest, Promise<void>>()
  const removing = new Map<Digest, Promise<boolean>>()
  let prepared: Promise<void> | undefined

  async function prepare(): Promise<void> {
    await mkdir(join(folder, temporaryFolder), { recursive: true, mode: 0o700 })
    await removeLeftovers(join(folder, temporaryFolder))
    await syncFolder(folder)
    await syncFolder(dirname(folder))
  }

  /** Creates a shard. It counts as created only once its entry in the folder is on disk. */
  async function prepareShard(shard: string): Promise<void> {
    await mkdir(join(folder, shard), { recursive: true, mode: 0o700 })
    await syncFolder(folder)
  }

  async function store(digest: Digest, bytes: Uint8Array): Promise<void> {
    await once(prepared, prepare, (promise) => {
      prepared = promise
    })
    const { shard, name } = placeOf(digest)
    await once(
      shards.get(shard),
      () => prepareShard(shard),
      (promise) => {
        if (promise === undefined) shards.delete(shard)
        else shards.set(shard, promise)
      },
    )
    const path = join(folder, shard, name)
    if (await holds(path, bytes)) await utimes(path, new Date(), new Date())
    else await replaceFile(join(folder, temporaryFolder), path, bytes)
    // The folder is synced also where the file existed: the process that wrote it may have ended between its rename and
    // this sync.
    await syncFolder(join(folder, shard))
  }

  return {
    async put(bytes) {
      // The bytes are copied, since the caller may change them while they are hashed and written.
      const own = new Uint8Array(bytes)
      const digest = await digestOf(own)
      while (removing.has(digest)) await removing.get(digest)?.catch(() => undefined) // The caller of the removal gets its error.
      let current = writing.get(digest)
      if (current === undefined) {
        current = store(digest, own).finally(() => writing.delete(digest))
        writing.set(digest, current)
      }
      const written = current
      await refusingDiskErrors('A file could not be kept', true, () => written)
      return digest
    },
    async get(digest) {
      const { shard, name } = placeOf(digest)
      const path = join(folder, shard, name)
      const bytes = await refusingDiskErrors('A file could not be read', true, () => readFile(path).catch(ifAbsent))
      if (bytes === undefined) return undefined
      if ((await digestOf(bytes)) !== digest) {
        throw storedBytesLost(`The blob ${digest} is damaged: its bytes are not its own.`)
      }
      return bytes
    },
    async remove(digest, since) {
      const { shard, name } = placeOf(digest)
      if (writing.has(digest)) return false // The blob is being put at this moment.
      const current = removing.get(digest) ?? removeFile(join(folder, shard, name), since)
      removing.set(digest, current)
      try {
        return await current
      } finally {
        removing.delete(digest)
      }
    },
  }
}

/**
 * Removes a file without syncing its folder. After a power cut the file may exist again, and whoever removed it asks
 * again.
 */
async function removeFile(path: string, since: number): Promise<boolean> {
  const found = await stat(path).catch(ifAbsent)
  if (found === undefined) return true
  if (found.mtimeMs >= since) return false
  await rm(path, { force: true })
  return true
}

/** Runs `start` at most once at a time. A failure is forgotten, so that the next caller tries again. */
function once(
  current: Promise<void> | undefined,
  start: () => Promise<void>,
  remember: (promise: Promise<void> | undefined) => void,
): Promise<void> {
  if (current !== undefined) return current
  const promise = start().catch((error: unknown) => {
    remember(undefined)
    throw error
  })
  remember(promise)
  return promise
}

function placeOf(digest: Digest): { shard: string; name: string } {
  const hex = /^sha256:([0-9a-f]{64})$/u.exec(digest)?.[1]
  if (hex === undefined) throw new Error(`Not a digest: ${JSON.stringify(digest)}.`)
  return { shard: hex.slice(0, 2), name: hex.slice(2) }
}

/** The digest, computed outside the event loop's thread, since a file may hold megabytes. */
async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<Digest> {
  const hash = await webcrypto.subtle.digest('SHA-256', bytes)
  return `sha256:${Buffer.from(hash).toString('hex')}`
}

async function holds(path: string, bytes: Uint8Array): Promise<boolean> {
  const size = (await stat(path).catch(ifAbsent))?.size
  if (size !== bytes.byteLength) return false
  return (await readFile(path)).equals(bytes)
}

async function replaceFile(temporary: string, path: string, bytes: Uint8Array): Promise<void> {
  const unfinished = join(temporary, randomUUID())
  try {
    const file = await open(unfinished, 'wx', 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder for syncing. Its file system journals renames.
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function removeLeftovers(temporary: string): Promise<void> {
  for (const name of await readdir(temporary)) {
    const found = await stat(join(temporary, name)).catch(ifAbsent)
    if (found !== undefined && found.mtimeMs < Date.now() - leftoverAgeMs)
      await rm(join(temporary, name), { force: true })
  }
}

function ifAbsent(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT') return undefined
  throw error
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
