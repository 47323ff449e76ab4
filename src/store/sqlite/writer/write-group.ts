import type { DatabaseSync } from 'node:sqlite'
import { createApplyCommit } from './apply-commit.ts'
import type { EncodedCommit, Reply } from './encoded-commit.ts'
import type { WriterSql } from './writer-sql.ts'

/**
 * SQLite's primary result codes that mean a defect in the commit itself. Every other code means that the disk or the
 * machine failed.
 */
const defectCodes = new Set([
  1, // ERROR
  18, // TOOBIG
  19, // CONSTRAINT
  20, // MISMATCH
  21, // MISUSE
  25, // RANGE
])

/** Thrown where the disk did not take the group. Nothing of the group was written. */
export class StorageFailed extends Error {
  constructor(cause: unknown) {
    super(`The database cannot be written: ${messageOf(cause)}.`, { cause })
    this.name = 'StorageFailed'
  }
}

/**
 * Writes a group of commits in one transaction and one sync, each by itself inside it: what is wrong with one never touches
 * its neighbours. Throws StorageFailed when nothing at all was written.
 *
 * A defect is rare, so the group is first written without savepoints, which would copy each page that is changed; if a
 * commit throws, the group is undone and written again with one savepoint for each commit.
 */
export function createWriteGroup(
  database: DatabaseSync,
  sql: WriterSql,
  beforeSync: () => void,
): (group: readonly EncodedCommit[]) => Reply[] {
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const apply = createApplyCommit(database, sql)
  const isolated = (encoded: EncodedCommit): Reply => {
    database.exec('SAVEPOINT one')
    try {
      const reply = apply(encoded)
      database.exec('RELEASE one')
      return reply
    } catch (error) {
      if (!isDefect(error)) throw error
      database.exec('ROLLBACK TO one; RELEASE one')
      return { failure: 'defect', message: messageOf(error) }
    }
  }
  const attempt = (group: readonly EncodedCommit[], applyOne: (encoded: EncodedCommit) => Reply): Reply[] => {
    begin.run()
    const replies = group.map(applyOne)
    beforeSync()
    commit.run()
    return replies
  }
  const undo = () => {
    if (database.isTransaction) database.exec('ROLLBACK')
  }
  return (group) => {
    try {
      try {
        return attempt(group, apply)
      } catch (error) {
        if (!isDefect(error)) throw error
        undo()
        return attempt(group, isolated)
      }
    } catch (error) {
      undo()
      throw new StorageFailed(error)
    }
  }
}

function isDefect(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (!('errcode' in error)) return true
  return typeof error.errcode === 'number' && defectCodes.has(error.errcode & 0xff)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
