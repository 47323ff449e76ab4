import type { BigIntStats } from 'node:fs'
import { lstat, mkdir, unlink } from 'node:fs/promises'
import type { Digest } from '../../domain/content.ts'
import { storedBytesLost } from '../../domain/storage-unavailable.ts'
import { checkPath } from '../check-path.ts'
import type { BlobStore, ManifestFile } from '../tool.ts'
import { type Folder, isCode, type OpenFolder } from './folder.ts'
import { inFolderOf, readFileIn, writeFileIn } from './folder-files.ts'
import { putManifest, readManifest } from './manifest.ts'
import { createPathSet, type PathSet } from './path-set.ts'
import { emptyFolder, walkFiles } from './walk.ts'
import { fileNotFound, fileTooLarge, pathRefused, requireRoom, type WorkspaceLimits } from './workspace-limits.ts'

/** The time in milliseconds within which a file may change again after being hashed without a change of its time. */
const timeGrainMs = 100
/** The time of rebuilt files (2000-01-01), so that every later change shows. */
const rebuiltAt = 946_684_800

interface KnownFile {
  readonly bytes: number
  /** The digest and the state of the file when it was hashed, or undefined where it must be hashed again. */
  readonly hashed: { readonly digest: Digest; readonly mark: string } | undefined
}

/** The dependencies of one workspace. */
export interface DiskWorkspaceOptions {
  /** The task's own folder. Its parent is no link and belongs to the operator. */
  readonly path: string
  readonly blobs: BlobStore
  readonly limits: WorkspaceLimits
  readonly openFolder: OpenFolder
}

/** The folder of one task, and what this process knows of it. Calls must not overlap (`createOneAtATime`). */
export class DiskWorkspace {
  /** The manifest that the folder is known to match, or undefined where that is not known. */
  manifest: Digest | null | undefined = undefined
  readonly #options: DiskWorkspaceOptions
  #known = new Map<string, KnownFile>()
  #paths: PathSet = createPathSet()

  constructor(options: DiskWorkspaceOptions) {
    this.#options = options
  }

  async isAt(manifest: Digest | null): Promise<boolean> {
    if (this.manifest !== manifest) return false
    const found = await lstat(this.#options.path).catch(() => undefined)
    return found?.isDirectory() ?? false
  }

  /** Makes the folder hold exactly the files of the manifest. */
  async rebuild(manifest: Digest | null): Promise<void> {
    const files = await readManifest(this.#options.blobs, manifest)
    this.manifest = undefined
    this.#know(new Map())
    const known = new Map<string, KnownFile>()
    await this.#makeFolder()
    await this.#inRoot(async (root) => {
      await emptyFolder(root)
      for (const file of files) known.set(file.path, await this.#restore(root, file))
    })
    this.#know(known)
    this.manifest = manifest
  }

  async list(): Promise<{ path: string; bytes: number }[]> {
    const found: { path: string; bytes: number }[] = []
    await this.#inRoot((root) =>
      walkFiles(root, this.#options.limits, async ({ path, folder, name }) => {
        const stat = await lstat(folder.at(name)).catch(ifGone)
        if (stat?.isFile()) found.push({ path, bytes: stat.size })
      }),
    )
    return found.sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  async read(path: string, bytesMax: number): Promise<Uint8Array> {
    this.#requirePath(path)
    const read = (root: Folder) =>
      inFolderOf(root, path, false, async (folder, name) => (await readFileIn(folder, name, path, bytesMax)).bytes)
    return await this.#inRoot(read).catch((error: unknown) => {
      throw isCode(error, 'ENOENT') ? fileNotFound(path) : error
    })
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    const { limits } = this.#options
    this.#requirePath(path)
    if (bytes.byteLength > limits.fileBytesMax) throw fileTooLarge(path, limits.fileBytesMax)
    const clash = this.#paths.clash(path)
    if (clash !== undefined) throw pathRefused(path, `cannot stand beside ${JSON.stringify(clash)}`)
    const replaced = this.#known.get(path)
    let totalBytes = bytes.byteLength - (replaced?.bytes ?? 0)
    for (const file of this.#known.values()) totalBytes += file.bytes
    requireRoom(limits, this.#known.size + (replaced === undefined ? 1 : 0), totalBytes)

    // This comes before the first change: from here on only a snapshot or a rebuild makes the state known again.
    this.manifest = undefined
    await this.#inRoot((root) => inFolderOf(root, path, true, (folder, name) => writeFileIn(folder, name, path, bytes)))
    this.#known.set(path, { bytes: bytes.byteLength, hashed: undefined })
    this.#paths.add(path)
  }

  async snapshot(): Promise<Digest> {
    const { blobs, limits } = this.#options
    const known = new Map<string, KnownFile>()
    const files: ManifestFile[] = []
    let totalBytes = 0
    await this.#inRoot((root) =>
      walkFiles(root, limits, async ({ path, folder, name }) => {
        const kept = await this.#keep(path, folder, name)
        if (kept === undefined) return
        files.push(kept.file)
        known.set(path, kept.known)
        totalBytes += kept.file.bytes
        requireRoom(limits, files.length, totalBytes)
      }),
    )
    this.#know(known)
    this.manifest = await putManifest(blobs, files)
    return this.manifest
  }

  async #keep(
    path: string,
    folder: Folder,
    name: string,
  ): Promise<{ file: ManifestFile; known: KnownFile } | undefined> {
    const { blobs, limits } = this.#options
    const before = await lstat(folder.at(name), { bigint: true }).catch(ifGone)
    if (before === undefined || !before.isFile()) return undefined
    const known = this.#known.get(path)
    if (known?.hashed !== undefined && known.hashed.mark === markOf(before)) {
      return { file: { path, digest: known.hashed.digest, bytes: known.bytes }, known }
    }
    const hashedAt = Date.now()
    const { bytes, stat } = await readFileIn(folder, name, path, limits.fileBytesMax)
    const digest = await blobs.put(bytes)
    const settled = Number(stat.mtimeMs) < hashedAt - timeGrainMs
    const hashed = settled ? { digest, mark: markOf(stat) } : undefined
    return { file: { path, digest, bytes: bytes.byteLength }, known: { bytes: bytes.byteLength, hashed } }
  }

  async #restore(root: Folder, file: ManifestFile): Promise<KnownFile> {
    const bytes = await this.#options.blobs.get(file.digest)
    if (bytes === undefined)
      throw storedBytesLost(`The blob ${file.digest} of a workspace is missing from the blob store.`)
    const stat = await inFolderOf(root, file.path, true, async (folder, name) => {
      await writeFileIn(folder, name, file.path, bytes, rebuiltAt)
      return await lstat(folder.at(name), { bigint: true })
    })
    return { bytes: bytes.byteLength, hashed: { digest: file.digest, mark: markOf(stat) } }
  }

  async #makeFolder(): Promise<void> {
    const { path } = this.#options
    const found = await lstat(path).catch(ifGone)
    if (found?.isDirectory()) return
    if (found !== undefined) await unlink(path)
    await mkdir(path, { mode: 0o700 })
  }

  async #inRoot<T>(body: (root: Folder) => Promise<T>): Promise<T> {
    const root = await this.#options.openFolder(this.#options.path)
    try {
      return await body(root)
    } finally {
      await root.close()
    }
  }

  #know(known: Map<string, KnownFile>): void {
    this.#known = known
    this.#paths = createPathSet(known.keys())
  }

  #requirePath(path: string): void {
    const reason = checkPath(path, this.#options.limits.pathCharsMax)
    if (reason !== undefined) throw pathRefused(path, reason)
  }
}

/** The properties of which at least one changes when a file is written. */
function markOf(stat: BigIntStats): string {
  return `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`
}

function ifGone(error: unknown): undefined {
  if (isCode(error, 'ENOENT', 'ENOTDIR')) return undefined
  throw error
}
