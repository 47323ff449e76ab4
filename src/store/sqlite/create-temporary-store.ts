import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from '../store.ts'
import { createSqliteStore, type SqliteStoreOptions } from './create-sqlite-store.ts'

/** A store for one test, in a folder of its own that `close` takes away. */
export async function createTemporaryStore(options: Partial<SqliteStoreOptions> = {}): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'mandate-store-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const store = await createSqliteStore({
      path: join(folder, 'mandate.sqlite'),
      commitsWaitingMax: 10_000,
      durability: 'none',
      ...options,
    })
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
