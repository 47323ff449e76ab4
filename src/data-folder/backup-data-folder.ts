import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Pack, pack } from 'tar-stream'
import {
  type ArchivedFile,
  ArchiveError,
  type ArchiveManifest,
  createMeasure,
  encryptedKeysName,
  formatVersion,
  manifestName,
} from './archive.ts'
import { checkTarget, claim, putInPlace } from './archive-target.ts'
import type { DatabaseFile } from './database-file.ts'
import { encryptKeys } from './encrypted-keys.ts'
import { folderNames } from './folder-names.ts'

/** The data folder to copy, and the archive to write. */
export interface BackupOptions {
  readonly dataFolder: string
  readonly archive: string
  readonly databaseFile: DatabaseFile
  /** The passphrase that encrypts the installation's keys. Without it they are left out. */
  readonly passphrase?: string
  /** Whether a file that exists in the archive's place is replaced. Otherwise the backup is refused. */
  readonly force?: boolean | undefined
}

/**
 * Writes the data folder as one archive, also while a server works on it. The archive holds the database as of one
 * instant, and at least every blob that it refers to, since blobs are put before anything refers to them and never
 * change. The archive appears under its name only when it is complete and on disk. Refuses `nothing_to_back_up`,
 * `target_in_data_folder` (the archive could replace the data itself), `target_exists` without `force`, and
 * `target_unusable`.
 */
export async function backupDataFolder(options: BackupOptions): Promise<{ bytes: number; files: number }> {
  const { dataFolder, archive, force = false } = options
  if (!existsSync(join(dataFolder, folderNames.database))) {
    throw new ArchiveError('nothing_to_back_up', `There is no database in the data folder ${dataFolder}.`)
  }
  if (options.passphrase !== undefined && !existsSync(join(dataFolder, folderNames.keys))) {
    throw new ArchiveError('nothing_to_back_up', `There are no keys in the data folder ${dataFolder}.`)
  }
  await checkTarget(archive, dataFolder, force)
  const unfinished = `${archive}.${randomUUID()}`
  const snapshot = `${unfinished}.sqlite`
  try {
    for (const path of [unfinished, snapshot]) await claim(path)
    const files = await writeBackup(options, { unfinished, snapshot })
    const { size } = await stat(unfinished)
    await putInPlace(unfinished, archive, force)
    return { bytes: size, files }
  } finally {
    for (const path of [unfinished, snapshot]) await rm(path, { force: true }).catch(() => undefined) // The name may be one that the system refuses.
  }
}

/** Writes the archive under its unfinished name and resolves with the number of files in it. */
async function writeBackup(
  { dataFolder, databaseFile, passphrase }: BackupOptions,
  { unfinished, snapshot }: { readonly unfinished: string; readonly snapshot: string },
): Promise<number> {
  const schema = await databaseFile.copy(join(dataFolder, folderNames.database), snapshot)
  const keys = passphrase === undefined ? undefined : await encryptKeys(join(dataFolder, folderNames.keys), passphrase)
  return await writeArchive(unfinished, async (tar) => {
    const written = [await addFile(tar, folderNames.database, snapshot)]
    for (const name of await listBlobs(dataFolder)) written.push(await addFile(tar, name, join(dataFolder, name)))
    if (keys !== undefined) written.push(await addBytes(tar, encryptedKeysName, keys))
    const manifest: ArchiveManifest = {
      format: formatVersion,
      schema,
      createdAt: new Date().toISOString(),
      files: written,
    }
    await addBytes(tar, manifestName, Buffer.from(JSON.stringify(manifest, null, 2)))
    return written.length
  })
}

/** Lists the blobs by their names in the archive. A blob whose put is in progress is not listed. */
async function listBlobs(dataFolder: string): Promise<string[]> {
  const folder = join(dataFolder, folderNames.blobs)
  if (!existsSync(folder)) return []
  const names: string[] = []
  for (const prefix of (await readdir(folder)).sort()) {
    if (!/^[0-9a-f]{2}$/u.test(prefix)) continue
    for (const rest of (await readdir(join(folder, prefix))).sort()) {
      if (/^[0-9a-f]{62}$/u.test(rest)) names.push(`${folderNames.blobs}/${prefix}/${rest}`)
    }
  }
  return names
}

/** Writes a tar file and syncs it to the disk. */
async function writeArchive<Result>(path: string, fill: (tar: Pack) => Promise<Result>): Promise<Result> {
  const tar = pack()
  const onDisk = pipeline(tar, createWriteStream(path, { flags: 'r+', flush: true }))
  const filled = fill(tar).then(
    (result) => {
      tar.finalize()
      return result
    },
    (error: unknown) => {
      tar.destroy(error instanceof Error ? error : new Error(String(error)))
      throw error
    },
  )
  const [result] = await Promise.all([filled, onDisk])
  return result
}

async function addFile(tar: Pack, name: string, path: string): Promise<ArchivedFile> {
  const { size } = await stat(path)
  const { through, measured } = createMeasure()
  await pipeline(createReadStream(path), through, tar.entry({ name, size, mode: 0o600 }))
  return { name, ...measured() }
}

async function addBytes(tar: Pack, name: string, bytes: Buffer): Promise<ArchivedFile> {
  const { through, measured } = createMeasure()
  await pipeline([bytes], through, tar.entry({ name, size: bytes.length, mode: 0o600 }))
  return { name, ...measured() }
}
