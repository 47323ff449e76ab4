import { createHash } from 'node:crypto'
import { Transform } from 'node:stream'
import { folderNames } from './folder-names.ts'

// What a backup and a restore agree on. An archive is one tar file: the database, the blobs, the keys (encrypted, where asked
// for), and last the manifest, so that an archive that was cut short has none.

export const encryptedKeysName = 'keys.encrypted'
export const manifestName = 'manifest.json'
/** 1 was 0.1.0's, whose data is not read any more. */
export const formatVersion = 2

export interface ArchiveManifest {
  readonly format: number
  /** The number of the newest migration of the database. */
  readonly schema: number
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly files: readonly ArchivedFile[]
}

export interface ArchivedFile {
  readonly name: string
  readonly bytes: number
  /** Hex. */
  readonly sha256: string
}

/** Whether a restore may write a file of this name; nothing else may stand in an archive. */
export function isArchivedName(name: string): boolean {
  return name === folderNames.database || name === encryptedKeysName || /^blobs\/[0-9a-f]{2}\/[0-9a-f]{62}$/u.test(name)
}

export type ArchiveProblem =
  | 'nothing_to_back_up'
  | 'archive_unreadable'
  | 'archive_damaged'
  | 'newer_schema'
  | 'old_release'
  | 'folder_not_empty'
  | 'passphrase_missing'
  | 'passphrase_wrong'
  | 'archive_without_keys'

/** A backup or a restore was not done. The message is one sentence for the operator; nothing was left behind. */
export class ArchiveError extends Error {
  readonly problem: ArchiveProblem

  constructor(problem: ArchiveProblem, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'ArchiveError'
    this.problem = problem
  }
}

/** Passes bytes on, and knows afterwards how many they were and their digest. */
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
