import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Entry, extract } from 'tar-stream'
import { settingNames } from '../domain/setting-names.ts'
import {
  type ArchivedFile,
  ArchiveError,
  type ArchiveManifest,
  createMeasure,
  encryptedKeysName,
  formatVersion,
  isArchivedName,
  manifestName,
  parseManifest,
} from './archive.ts'
import type { DatabaseFile } from './database-file.ts'
import { decryptKeys } from './encrypted-keys.ts'
import { folderNames } from './folder-names.ts'
import { systemReasonOf } from './system-reason.ts'

/** The size of the manifest of a million blobs. No file that is read as a whole is longer. */
const smallBytesMax = 256 * 1024 * 1024

/** The archive to read, and the data folder to make. */
export interface RestoreOptions {
  readonly archive: string
  /** The folder to make. It must be absent or empty, since nothing is ever overwritten. */
  readonly dataFolder: string
  readonly databaseFile: DatabaseFile
  /** The passphrase of the keys in the archive. It must be given where the archive holds keys, and only then. */
  readonly passphrase?: string
}

/**
 * Makes a data folder from an archive. Everything is unpacked beside it and checked against the archive's manifest
 * first. The folder appears at once and complete, or not at all. Refuses with ArchiveError.
 */
export async function restoreDataFolder(options: RestoreOptions): Promise<{ files: number; createdAt: string }> {
  const dataFolder = resolve(options.dataFolder)
  await refuseOccupied(dataFolder)
  const unfinished = `${dataFolder}.restoring-${randomUUID()}`
  try {
    await makeUnfinished(unfinished)
    const found = await unpack(options.archive, unfinished)
    const manifest = await readManifest(unfinished, options.databaseFile)
    checkFiles(manifest, found)
    await restoreKeys(found, unfinished, options.passphrase)
    await rm(join(unfinished, manifestName))
    wantNewLog(options.databaseFile, join(unfinished, folderNames.database))
    await putInPlace(unfinished, dataFolder)
    return { files: found.size, createdAt: manifest.createdAt }
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

async function makeUnfinished(folder: string): Promise<void> {
  try {
    await mkdir(dirname(folder), { recursive: true })
    await mkdir(folder, { mode: 0o700 })
  } catch (error) {
    throw folderUnusable(dirname(folder), error)
  }
}

/** Starts a new log. Two installations that both continued one log would each sign another tree of the same size. */
function wantNewLog(databaseFile: DatabaseFile, path: string): void {
  try {
    databaseFile.writeSettings(path, { [settingNames.newLogWanted]: '1' })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ArchiveError('archive_damaged', `The database in the archive cannot be used (${reason}).`, error)
  }
}

async function putInPlace(unfinished: string, dataFolder: string): Promise<void> {
  try {
    await rmdir(dataFolder).catch(() => undefined) // It was found to be empty or absent before.
    await rename(unfinished, dataFolder)
  } catch (error) {
    throw folderUnusable(dataFolder, error)
  }
}

function folderUnusable(folder: string, error: unknown): ArchiveError {
  return new ArchiveError('folder_unusable', `Nothing can be restored to ${folder}: ${systemReasonOf(error)}.`, error)
}

async function refuseOccupied(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw folderUnusable(folder, error)
  })
  if (entries.length === 0) return
  throw new ArchiveError(
    'folder_not_empty',
    `The data folder ${folder} is not empty; nothing in it is ever overwritten.`,
  )
}

/** Unpacks the archive into a folder. Resolves with the files that were written, without the manifest. */
async function unpack(archive: string, folder: string): Promise<Map<string, ArchivedFile>> {
  const found = new Map<string, ArchivedFile>()
  const tar = extract()
  const source = createReadStream(archive)
  const read = pipeline(source, tar)
  // The entry in which an archive is cut short never ends by itself.
  const broken = new AbortController()
  read.catch((error: unknown) => broken.abort(error))
  try {
    for await (const entry of tar) {
      const { name, type } = entry.header
      if (type !== 'file' || found.has(name) || (name !== manifestName && !isArchivedName(name))) {
        throw new ArchiveError('archive_damaged', `The archive holds something that is not of a backup: ${name}.`)
      }
      const file = await writeEntry(entry, join(folder, name), broken.signal)
      if (name !== manifestName) found.set(name, { name, ...file })
    }
    await read
  } catch (error) {
    tar.destroy()
    source.destroy()
    if (error instanceof ArchiveError) throw error
    const isBroken = error instanceof Error && error.name === 'AbortError'
    throw unreadable(archive, folder, isBroken ? broken.signal.reason : error)
  }
  return found
}

/** Tells apart whether the archive is damaged, cannot be read, or cannot be unpacked here. */
function unreadable(archive: string, folder: string, error: unknown): ArchiveError {
  const path = error instanceof Error && 'path' in error ? error.path : undefined
  const isSystems = error instanceof Error && 'syscall' in error
  if (isSystems && typeof path === 'string' && path.startsWith(folder)) return folderUnusable(dirname(folder), error)
  if (!isSystems) {
    const reason = error instanceof Error ? error.message : String(error)
    return new ArchiveError('archive_damaged', `${archive} is not a whole archive (${reason}).`, error)
  }
  if (error.syscall === 'write' || error.syscall === 'fsync') return folderUnusable(dirname(folder), error)
  return new ArchiveError(
    'archive_unreadable',
    `The archive ${archive} cannot be read: ${systemReasonOf(error)}.`,
    error,
  )
}

async function writeEntry(entry: Entry, path: string, signal: AbortSignal): Promise<Omit<ArchivedFile, 'name'>> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const { through, measured } = createMeasure()
  await pipeline(entry, through, createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }), { signal })
  return measured()
}

async function readManifest(folder: string, { newestSchema }: DatabaseFile): Promise<ArchiveManifest> {
  const manifest = parseManifest(await readSmall(join(folder, manifestName)))
  if (manifest === undefined) {
    throw new ArchiveError(
      'archive_damaged',
      'The archive has no manifest that can be read; it was cut short or is not a backup.',
    )
  }
  if (manifest.format < formatVersion) {
    throw new ArchiveError(
      'old_release',
      'The archive was written by Mandate 0.1.0, whose data this version does not read; restore it with 0.1.0.',
    )
  }
  if (manifest.format > formatVersion || manifest.schema > newestSchema) {
    throw new ArchiveError(
      'newer_schema',
      'The archive was written by a newer version of Mandate; restore it with that version.',
    )
  }
  return manifest
}

/** Reads a file of the archive as a whole, or undefined where there is none, or one longer than any backup writes. */
async function readSmall(path: string): Promise<Buffer | undefined> {
  const size = await stat(path).then(
    (found) => found.size,
    () => Number.POSITIVE_INFINITY,
  )
  return size <= smallBytesMax ? await readFile(path) : undefined
}

/** Checks that the files in the manifest and the unpacked files are the same, byte for byte. */
function checkFiles(manifest: ArchiveManifest, found: ReadonlyMap<string, ArchivedFile>): void {
  for (const { name, bytes, sha256 } of manifest.files) {
    const file = found.get(name)
    if (file === undefined) throw new ArchiveError('archive_damaged', `The archive lacks ${name}.`)
    if (file.bytes !== bytes || file.sha256 !== sha256) {
      throw new ArchiveError('archive_damaged', `${name} in the archive is not what was backed up.`)
    }
  }
  if (!found.has(folderNames.database)) throw new ArchiveError('archive_damaged', 'The archive holds no database.')
  if (manifest.files.length !== found.size) {
    throw new ArchiveError('archive_damaged', 'The archive holds more than its manifest lists.')
  }
}

async function restoreKeys(
  found: ReadonlyMap<string, ArchivedFile>,
  folder: string,
  passphrase: string | undefined,
): Promise<void> {
  if (!found.has(encryptedKeysName)) {
    if (passphrase === undefined) return
    throw new ArchiveError(
      'archive_without_keys',
      'The archive holds no keys that the passphrase could open; restore it without one.',
    )
  }
  if (passphrase === undefined) {
    throw new ArchiveError(
      'passphrase_missing',
      'The archive holds encrypted keys; give the passphrase that opens them.',
    )
  }
  const encrypted = join(folder, encryptedKeysName)
  const bytes = await readSmall(encrypted)
  if (bytes === undefined) throw new ArchiveError('archive_damaged', 'The keys in the archive cannot be read.')
  await decryptKeys(bytes, passphrase, join(folder, folderNames.keys))
  await rm(encrypted)
}
