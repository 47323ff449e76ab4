import type { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import type { Store } from '../../store.ts'
import { integer, readColumn, text } from '../columns.ts'

type KeepingReads = Pick<Store, 'listPurgeable' | 'nextPurgeAt' | 'listManifests' | 'listTasksSince'>

/** The SQL is exported so that a test can read the query plan of each. */
export const keepingSql = {
  // The condition is repeated because a partial index is used only where the query has it too.
  purgeable: `SELECT id FROM tasks WHERE purge_at <= ? AND purge_at IS NOT NULL AND hold IS NULL
    ORDER BY purge_at LIMIT ?`,
  nextPurge: `SELECT purge_at FROM tasks WHERE purge_at > ? AND purge_at IS NOT NULL AND hold IS NULL
    ORDER BY purge_at LIMIT 1`,
  newestTask: 'SELECT max(number) AS number FROM tasks',
  manifests: `SELECT DISTINCT manifest FROM tasks WHERE number > ? AND number <= ? AND manifest IS NOT NULL`,
  updated: `SELECT id, number FROM tasks WHERE number > ? AND number <= ? AND updated_at >= ?
    ORDER BY number LIMIT ?`,
} as const

/**
 * The number of tasks that are read before other work gets its turn, since no index tells when a task was changed last.
 */
const tasksAtOnce = 2_000

/** Reads of how long contents are kept, and of the tasks that were changed. */
export function createKeepingReads(database: DatabaseSync): KeepingReads {
  const purgeable = database.prepare(keepingSql.purgeable)
  const nextPurge = database.prepare(keepingSql.nextPurge)
  const newestTask = database.prepare(keepingSql.newestTask)
  const manifests = database.prepare(keepingSql.manifests)
  const updated = database.prepare(keepingSql.updated)
  return {
    listPurgeable: async (now, limit) => purgeable.all(now, limit).map((row) => readColumn(row, 'id', text)),
    nextPurgeAt: async (now) => nextPurge.all(now).map((row) => readColumn(row, 'purge_at', integer))[0],
    async listManifests(after) {
      const newest = Number(newestTask.get()?.['number'] ?? 0)
      const until = after + tasksAtOnce
      const found = manifests.all(after, until).map((row) => readColumn(row, 'manifest', text))
      return { manifests: found, next: until < newest ? until : undefined }
    },
    async listTasksSince(since, after, limit) {
      const newest = Number(newestTask.get()?.['number'] ?? 0)
      const found: { id: string; number: number }[] = []
      for (let from = after; from < newest && found.length < limit; from += tasksAtOnce) {
        if (from > after) await setImmediate()
        const rows = updated.all(from, from + tasksAtOnce, since, limit - found.length)
        found.push(
          ...rows.map((row) => ({ id: readColumn(row, 'id', text), number: readColumn(row, 'number', integer) })),
        )
      }
      return found
    },
  }
}
