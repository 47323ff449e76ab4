import { chmodSync, closeSync, openSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/** `disk` acknowledges what survives a power cut, `none` what survives the process. */
export type Durability = 'disk' | 'none'

const busyTimeoutMs = 5_000

/**
 * Sees to it that only the owner can read the database, whatever the process's mask is and whatever was there before. SQLite
 * gives the files beside it the mode of the database.
 */
export function makeFilePrivate(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) closeSync(openSync(path, 'a', 0o600))
  for (const file of databaseFiles(path)) {
    const stats = statSync(file, { throwIfNoEntry: false })
    if (stats?.isFile() && (stats.mode & 0o077) !== 0) chmodSync(file, 0o600)
  }
}

/** The database, its write-ahead log, and the index of that. */
export function databaseFiles(path: string): string[] {
  return [path, `${path}-wal`, `${path}-shm`]
}

/** Changes nothing of the file by itself. */
export function openForMigrating(path: string): DatabaseSync {
  return new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: false })
}

/**
 * The one connection that writes. `disk`: what a COMMIT acknowledged survives a power cut. `none` is for tests: it survives
 * the process, not the machine.
 */
export function openForWriting(path: string, durability: Durability): DatabaseSync {
  const database = openForMigrating(path)
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${durability === 'disk' ? 'FULL' : 'OFF'};
    PRAGMA cache_size = -16384;
    PRAGMA temp_store = MEMORY; -- savepoints are kept in memory, not in a file for each transaction
    PRAGMA secure_delete = ON; -- what is purged is overwritten; also what moves between pages leaves no copy behind
  `)
  return database
}

/**
 * Moves the write-ahead log into the database and empties its file, so that what was purged is in neither. Never waits:
 * answers false where somebody reads or writes just now, such as a backup, and it has to be done again.
 */
export function emptyWriteAheadLog(database: DatabaseSync): boolean {
  database.exec('PRAGMA busy_timeout = 0')
  try {
    return database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0
  } finally {
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
  }
}

export function openForReading(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs })
  database.exec('PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;')
  return database
}
