import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { folderNames } from './folder-names.ts'

/** Thrown where another live process works on the data folder. */
export class DataFolderInUse extends Error {
  constructor(folder: string, cause: unknown) {
    super(`The data folder ${folder} is in use by another process.`, { cause })
    this.name = 'DataFolderInUse'
  }
}

const busy = 5

/**
 * Locks the folder for this process and returns the function that releases it. Throws DataFolderInUse when another live
 * process holds the lock, or this one already does. The kernel holds it (on `lock.sqlite`, by means of SQLite, since
 * Node has no lock of its own), so that it is free the moment its process is gone, `kill -9` included. Nothing else may
 * open that file.
 */
export function lockDataFolder(folder: string): () => void {
  const path = join(folder, folderNames.lock)
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    chmodSync(path, 0o600)
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    const inUse = error instanceof Error && 'errcode' in error && error.errcode === busy
    throw inUse ? new DataFolderInUse(folder, error) : error
  }
  return () => {
    if (database.isOpen) database.close()
  }
}
