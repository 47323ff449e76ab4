import { chmodSync, closeSync, openSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/**
 * The point at which a commit is acknowledged: `disk` when it survives a power cut, `none` when it survives the
 * process.
 */
export type Durability = 'disk' | 'none'

const busyTimeoutMs = 5_000

/**
 * Makes the database readable by its owner alone, whatever the process's mask is and whatever mode it had. SQLite gives
 * the files beside it the same mode.
 */
export function makeFilePrivate(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) closeSync(openSync(path, 'a', 0o600))
  for (const file of databaseFiles(path)) {
    const stats = statSync(file, { throwIfNoEntry: false })
    if (stats?.isFile() && (stats.mode & 0o077) !== 0) chmodSync(file, 0o600)
  }
}

/** The paths of the database, of its write-ahead log and of that log's index. */
export function databaseFiles(path: string): string[] {
  return [path, `${path}-wal`, `${path}-shm`]
}

/** Opens the file for migrations. Opening it changes nothing in it. */
export function openForMigrating(path: string): DatabaseSync {
  return new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: false })
}

/**
 * Opens the only connection that writes. With `disk` an acknowledged COMMIT survives a power cut. `none` is for tests:
 * it survives the process but not the machine.
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
 * Moves the write-ahead log into the database and empties its file, so that purged contents are in neither. It never
 * waits: it returns false where another connection, such as a backup, is reading or writing, and must then be called
 * again.
 */
export function emptyWriteAheadLog(database: DatabaseSync): boolean {
  database.exec('PRAGMA busy_timeout = 0')
  try {
    return database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0
  } finally {
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
  }
}

/** Opens a connection that can only read. */
export function openForReading(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs })
  database.exec('PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;')
  return database
}
