import { DatabaseSync } from 'node:sqlite'
import type { Durability } from './encoded-commit.ts'

/**
 * The one connection that writes. `disk`: what a COMMIT acknowledged survives a power cut. `none` is for tests: it survives
 * the process, not the machine.
 */
export function openForWriting(path: string, durability: Durability): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 5_000, enableForeignKeyConstraints: false })
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${durability === 'disk' ? 'FULL' : 'OFF'};
    PRAGMA cache_size = -16384;
    PRAGMA temp_store = MEMORY; -- savepoints are kept in memory, not in a file for each transaction
  `)
  return database
}

export function openForReading(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 })
  database.exec('PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;')
  return database
}
