import { DatabaseSync } from 'node:sqlite'
import type { Commit } from '../../src/store/commit.ts'
import { encodeCommit } from '../../src/store/sqlite/encode/encode-commit.ts'
import { migrate } from '../../src/store/sqlite/migrate.ts'
import { createApplyCommit } from '../../src/store/sqlite/writer/apply-commit.ts'
import type { Reply } from '../../src/store/sqlite/writer/encoded-commit.ts'
import { writerSql } from '../../src/store/sqlite/writer/writer-sql.ts'

/** A database in memory that has the newest schema and no rows. */
export function openMigratedDatabase(): DatabaseSync {
  const database = new DatabaseSync(':memory:')
  migrate(database)
  return database
}

/** Applies commits on this thread, as the writer thread does, but without a transaction. */
export function createApply(database: DatabaseSync): (commit: Commit) => Reply {
  const apply = createApplyCommit(database, writerSql)
  return (commit) => apply(encodeCommit(commit))
}

/** The steps by which SQLite executes this SQL on the newest schema. */
export function queryPlan(sql: string): string[] {
  using database = openMigratedDatabase()
  return database
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all()
    .map(({ detail }) => String(detail))
}

/** The steps that scan a table that grows with the tasks of an installation. */
export function growingScans(sql: string): string[] {
  const growing = /^SCAN (?:tasks|runs|statements|certificate|revocation|contents|details)\b/u
  return queryPlan(sql).filter((step) => growing.test(step))
}

/** The database, with the list of all SQL that is prepared on it through `watched`. */
export function watchPrepared(database: DatabaseSync): { readonly watched: DatabaseSync; readonly prepared: string[] } {
  const prepared: string[] = []
  const prepare = (sql: string) => {
    prepared.push(sql)
    return database.prepare(sql)
  }
  return { prepared, watched: new Proxy(database, { get: (_, name) => name === 'prepare' && prepare }) }
}
