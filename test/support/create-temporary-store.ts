import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rememberRecent } from '../../src/store/recent/remember-recent.ts'
import { createSqliteStore, type SqliteStoreOptions } from '../../src/store/sqlite/create-sqlite-store.ts'
import type { Store } from '../../src/store/store.ts'

interface TemporaryStoreOptions extends Partial<SqliteStoreOptions> {
  /** Whether what was just committed is answered from memory, as the server does it; true unless said otherwise. */
  readonly remembers?: boolean
}

/** A store for one test, in a folder of its own that `close` takes away. */
export async function createTemporaryStore({
  remembers = true,
  ...options
}: TemporaryStoreOptions = {}): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'mandate-store-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const rows = await createSqliteStore({
      path: join(folder, 'mandate.sqlite'),
      commitsWaitingMax: 10_000,
      durability: 'none',
      ...options,
    })
    const store = remembers ? rememberRecent(rows) : rows
    return {
      ...store,
      async close() {
        await store.close()
        remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}
