import { createHash } from 'node:crypto'
import { Transform } from 'node:stream'
import { folderNames } from './folder-names.ts'

// The format that a backup and a restore agree on. An archive is one tar file: the database, the blobs, the keys
// (encrypted, where asked for), and last the manifest, so that an interrupted archive has none.

/** The name of the encrypted keys in an archive. */
export const encryptedKeysName = 'keys.encrypted'
/** The name of the manifest in an archive. */
export const manifestName = 'manifest.json'
/** The version of the archive's format. Version 1 was that of 0.1.0, whose data is no longer read. */
export const formatVersion = 2

/** The list of everything else in an archive. */
export interface ArchiveManifest {
  readonly format: number
  /** The number of the newest migration that was applied to the database. */
  readonly schema: number
  /** The instant of the backup, in ISO 8601 and UTC. */
  readonly createdAt: string
  readonly files: readonly ArchivedFile[]
}

/** A file in an archive. */
export interface ArchivedFile {
  readonly name: string
  readonly bytes: number
  /** The digest in hexadecimal digits. */
  readonly sha256: string
}

/**
 * Parses the manifest of an archive. Returns undefined for bytes that are no manifest. Of another format than ours only the
 * number is read.
 */
export function parseManifest(bytes: Buffer | undefined): ArchiveManifest | undefined {
  const found = parseJson(bytes)
  if (!isRecord(found) || typeof found['format'] !== 'number') return undefined
  if (found['format'] !== formatVersion) return { format: found['format'], schema: 0, createdAt: '', files: [] }
  const { schema, createdAt, files } = found
  const isSound = Number.isInteger(schema) && typeof createdAt === 'string' && Array.isArray(files)
  return isSound && files.every(isArchivedFile) ? (found as unknown as ArchiveManifest) : undefined
}

function parseJson(bytes: Buffer | undefined): unknown {
  try {
    return bytes && JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined // The archive was cut short, or is none of ours.
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isArchivedFile(value: unknown): value is ArchivedFile {
  if (!isRecord(value)) return false
  const { name, bytes, sha256 } = value
  return typeof name === 'string' && typeof bytes === 'number' && typeof sha256 === 'string'
}

/** Whether a restore may write a file of this name. An archive with any other file is refused. */
export function isArchivedName(name: string): boolean {
  return name === folderNames.database || name === encryptedKeysName || /^blobs\/[0-9a-f]{2}\/[0-9a-f]{62}$/u.test(name)
}

/** The reasons for which a backup or a restore is refused. */
export type ArchiveProblem =
  | 'nothing_to_back_up'
  | 'target_in_data_folder'
  | 'target_exists'
  | 'target_unusable'
  | 'data_unreadable'
  | 'archive_unreadable'
  | 'archive_damaged'
  | 'newer_schema'
  | 'old_release'
  | 'folder_not_empty'
  | 'folder_unusable'
  | 'passphrase_missing'
  | 'passphrase_wrong'
  | 'archive_without_keys'

/**
 * Thrown where a backup or a restore was not done. The message is one sentence for the operator, and nothing was left
 * behind.
 */
export class ArchiveError extends Error {
  readonly problem: ArchiveProblem

  constructor(problem: ArchiveProblem, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'ArchiveError'
    this.problem = problem
  }
}

/** A stream that passes bytes on and measures their number and digest. */
export function createMeasure(): { through: Transform; measured(): { bytes: number; sha256: string } } {
  const hash = createHash('sha256')
  let bytes = 0
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      bytes += chunk.length
      done(null, chunk)
    },
  })
  return { through, measured: () => ({ bytes, sha256: hash.digest('hex') }) }
}
