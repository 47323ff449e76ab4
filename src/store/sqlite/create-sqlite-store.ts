import type { Store } from '../store.ts'
import { migrate } from './migrate.ts'
import { makeFilePrivate, openForMigrating, openForReading } from './open-database.ts'
import { createOwnedReads } from './reads/list-owned.ts'
import { createChatReads } from './reads/read-chats.ts'
import { createIdentityReads } from './reads/read-identities.ts'
import { createKeepingReads } from './reads/read-keeping.ts'
import { createLogReads } from './reads/read-log.ts'
import { createPolicyReads } from './reads/read-policies.ts'
import { createPromptReads } from './reads/read-prompts.ts'
import { createQueueReads } from './reads/read-queue.ts'
import { createTaskReads } from './reads/read-tasks.ts'
import { createUsageReads } from './reads/read-usage.ts'
import { createWebhookReads } from './reads/read-webhooks.ts'
import { type OnStorageProblem, startWriter } from './writer/writer-client.ts'
import { writerSql } from './writer/writer-sql.ts'

/** The options of a store on one SQLite file. */
export interface SqliteStoreOptions {
  readonly path: string
  /** The number of commits that may wait for the disk before further ones are refused. */
  readonly commitsWaitingMax: number
  /** `disk` (the default) acknowledges what survives a power cut, `none` what survives the process. */
  readonly durability?: 'disk' | 'none'
  /** Pages of 4 KiB that may stand in the write-ahead log before a commit moves them into the database. */
  readonly checkpointPages?: number
  /** The interval at which a store that could not write tries again. */
  readonly probeMs?: number
  /** Called when the reason why nothing can be written changes; with undefined when writing works again. */
  readonly onProblem?: OnStorageProblem | undefined
  /** For measurements: blocks the writer's thread this long at each group commit. */
  readonly syncDelayMs?: number
  /** For tests: the number of pages that the database may not exceed. */
  readonly pagesMax?: number
}

/** Migrates the file before any other setting of it is changed, so that a file that is refused stays as it is. */
function migrateFile(path: string): void {
  using database = openForMigrating(path)
  migrate(database)
}

/**
 * The store on one SQLite file, which it opens or creates and brings to the newest schema. It refuses with SchemaError
 * a file that this version does not understand. One writer thread commits in groups; reads use a connection of their
 * own on this thread. The caller holds the lock of the data folder.
 */
export async function createSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { path, commitsWaitingMax, durability = 'disk', probeMs = 1_000, checkpointPages = 4_000 } = options
  const { syncDelayMs = 0, pagesMax = 0 } = options
  makeFilePrivate(path)
  migrateFile(path)
  const writer = await startWriter(
    { path, sql: writerSql, durability, checkpointPages, syncDelayMs, probeMs, pagesMax },
    commitsWaitingMax,
    options.onProblem,
  )
  const database = openForReading(path)
  let closing: Promise<void> | undefined
  return {
    commit: writer.commit,
    health: writer.health,
    ...createTaskReads(database),
    ...createOwnedReads(database),
    ...createIdentityReads(database),
    ...createQueueReads(database),
    ...createWebhookReads(database),
    ...createChatReads(database),
    ...createPromptReads(database),
    ...createLogReads(database),
    ...createPolicyReads(database),
    ...createKeepingReads(database),
    ...createUsageReads(database),
    close() {
      // The writer closes its connection last, and so folds the write-ahead log into the file.
      if (closing === undefined) {
        database.close()
        closing = writer.close()
      }
      return closing
    },
  }
}
