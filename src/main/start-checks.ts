import { accessSync, constants, mkdirSync } from 'node:fs'
import { DataFolderInUse, lockDataFolder } from '../store/sqlite/data-folder-lock.ts'
import { SchemaError } from '../store/sqlite/migrate.ts'
import { StartError } from './start-error.ts'

/** Makes the data folder where it is absent. Throws StartError when it cannot be written. */
export function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartError(
      'data_folder',
      `the data folder ${folder} cannot be written (${reason}). Set MANDATE_DATA.`,
      error,
    )
  }
}

/** One live server per data folder; the kernel frees the lock when the process dies, however it dies. */
export function lockFolder(folder: string): () => void {
  try {
    return lockDataFolder(folder)
  } catch (error) {
    if (!(error instanceof DataFolderInUse)) throw error
    throw new StartError('data_in_use', `the data folder ${folder} is in use by another running server.`, error)
  }
}

/** What went wrong while the database was opened, in words where it is the operator's to mend. */
export function openErrorToStartError(error: unknown): unknown {
  if (!(error instanceof SchemaError)) return error
  return new StartError(error.reason === 'newer_schema' ? 'newer_schema' : 'data_folder', error.message, error)
}
