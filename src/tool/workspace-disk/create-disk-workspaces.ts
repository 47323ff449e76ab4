import { mkdir, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Digest } from '../../domain/content.ts'
import { refusingDiskErrors } from '../../domain/storage-unavailable.ts'
import { checkPath } from '../check-path.ts'
import { type BlobStore, ToolError, type Workspace, type Workspaces } from '../tool.ts'
import { DiskWorkspace } from './disk-workspace.ts'
import { type OpenFolder, openFolder } from './folder.ts'
import { putManifest, readManifest } from './manifest.ts'
import { createPathSet } from './path-set.ts'
import { fileTooLarge, pathRefused, requireRoom, type WorkspaceLimits } from './workspace-limits.ts'

/** The number of tasks whose folders are remembered. A forgotten one is rebuilt at its next use. */
const rememberedMax = 500

/** The options of workspaces on disk. */
export interface DiskWorkspacesOptions {
  /** The folder with one folder per task. It is created when absent. */
  readonly folder: string
  readonly blobs: BlobStore
  readonly limits: WorkspaceLimits
  /** For tests of the method that systems other than Linux use. */
  readonly openFolder?: OpenFolder
}

interface Remembered {
  readonly workspace: DiskWorkspace
  readonly oneAtATime: <T>(body: () => Promise<T>) => Promise<T>
  /** The number of rebuilds. A Workspace opened before the last one is superseded. */
  generation: number
}

/**
 * Stores workspaces as folders `<folder>/<task id>`. The blob store is authoritative and the folders are a cache of it:
 * they are not synced, and a crash loses nothing that a snapshot acknowledged. Where the disk refuses, every call
 * rejects with the Refusal `storage_unavailable`.
 */
export function createDiskWorkspaces(options: DiskWorkspacesOptions): Workspaces {
  const { blobs, limits } = options
  const remembered = new Map<string, Remembered>()
  let base: Promise<string> | undefined

  async function prepareBase(): Promise<string> {
    await mkdir(options.folder, { recursive: true, mode: 0o700 })
    return await realpath(options.folder)
  }

  async function remember(taskId: string): Promise<Remembered> {
    if (!/^[0-9A-Za-z-]{1,64}$/u.test(taskId)) throw new Error(`Not a task id: ${JSON.stringify(taskId)}.`)
    base ??= prepareBase().catch((error: unknown) => {
      base = undefined
      throw error
    })
    const path = join(await base, taskId)
    const entry = remembered.get(taskId) ?? {
      workspace: new DiskWorkspace({ path, blobs, limits, openFolder: options.openFolder ?? openFolder }),
      oneAtATime: createOneAtATime(),
      generation: 0,
    }
    remembered.delete(taskId)
    remembered.set(taskId, entry)
    const oldest = remembered.size > rememberedMax ? remembered.keys().next().value : undefined
    if (oldest !== undefined) remembered.delete(oldest)
    return entry
  }

  return {
    open: (taskId, manifest) =>
      refusingDiskErrors('The workspace of the task cannot be opened', true, async () => {
        const entry = await remember(taskId)
        return await entry.oneAtATime(async () => {
          if (!(await entry.workspace.isAt(manifest))) {
            entry.generation += 1
            await entry.workspace.rebuild(manifest)
          }
          return handOut(entry)
        })
      }),
    addFiles: (manifest, files) => addFiles(blobs, limits, manifest, files),
    async remove(taskId) {
      const entry = await remember(taskId)
      const path = join(await realpath(options.folder), taskId)
      await entry.oneAtATime(async () => {
        entry.generation += 1
        entry.workspace.manifest = undefined
        // Links in it are removed and never followed.
        await rm(path, { recursive: true, force: true })
      })
    },
  }
}

function handOut(entry: Remembered): Workspace {
  const { workspace, oneAtATime, generation } = entry
  const call = <T>(body: () => Promise<T>) =>
    oneAtATime(() => {
      if (entry.generation !== generation) {
        throw new ToolError('workspace_superseded', 'The workspace was rebuilt by a later attempt.')
      }
      return refusingDiskErrors('A file of the workspace cannot be used', false, body)
    })
  return {
    list: () => call(() => workspace.list()),
    read: (path, bytesMax) => call(() => workspace.read(path, bytesMax)),
    write: (path, bytes) => call(() => workspace.write(path, bytes)),
    snapshot: () => call(() => workspace.snapshot()),
  }
}

async function addFiles(
  blobs: BlobStore,
  limits: WorkspaceLimits,
  manifest: Digest | null,
  files: readonly { path: string; bytes: Uint8Array }[],
): Promise<Digest> {
  const kept = new Map((await readManifest(blobs, manifest)).map((file) => [file.path, file]))
  const sizes = new Map([...kept.values()].map((file) => [file.path, file.bytes]))
  const paths = createPathSet(kept.keys())
  const given = new Set<string>()
  for (const { path, bytes } of files) {
    const reason = checkPath(path, limits.pathCharsMax)
    if (reason !== undefined) throw pathRefused(path, reason)
    const clash = given.has(path) ? path : paths.clash(path)
    if (clash !== undefined) throw pathRefused(path, `cannot stand beside ${JSON.stringify(clash)}`)
    if (bytes.byteLength > limits.fileBytesMax) throw fileTooLarge(path, limits.fileBytesMax)
    given.add(path)
    paths.add(path)
    sizes.set(path, bytes.byteLength)
  }
  requireRoom(
    limits,
    sizes.size,
    [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0),
  )
  // The blobs are put only now, so that a refused request leaves nothing in the blob store.
  const added = await Promise.all(
    files.map(async ({ path, bytes }) => ({ path, digest: await blobs.put(bytes), bytes: bytes.byteLength })),
  )
  for (const file of added) kept.set(file.path, file)
  return await putManifest(blobs, [...kept.values()])
}

/**
 * Creates a function that runs bodies one after the other, in the order of the calls. A failure affects its own caller
 * only.
 */
export function createOneAtATime(): <T>(body: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (body) => {
    const result = last.then(body)
    last = result.catch(() => {})
    return result
  }
}
