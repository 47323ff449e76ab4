import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../cli/make-folder.ts'
import { folderNames, ownNames } from '../data-folder/folder-names.ts'
import { DataFolderInUse, lockDataFolder } from '../data-folder/lock-data-folder.ts'
import { secureOwnFiles, type WarningLog } from '../data-folder/private-files.ts'
import { dataErrorToStartError, isDamagedDatabase, StartError } from './start-error.ts'

/** Makes the data folder where it is absent, and private where others could look into it. Throws StartError when it cannot be written. */
export async function prepareFolder(folder: string, log: WarningLog): Promise<void> {
  try {
    await makeFolder(folder, 0o700)
    // A run that needs its files must not be the first to find a file in the place of their folder.
    for (const name of [folderNames.blobs, folderNames.workspaces]) await makeFolder(join(folder, name), 0o700)
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartError(
      'data_folder',
      `the data folder ${folder} cannot be written (${reason}). Set MANDATE_DATA.`,
      error,
    )
  }
  try {
    await secureOwnFiles(folder, ownNames, log)
  } catch (error) {
    throw dataErrorToStartError(folder, error)
  }
}

/** One live server per data folder; the kernel frees the lock when the process dies, however it dies. */
export function lockFolder(folder: string): () => void {
  try {
    return lockDataFolder(folder)
  } catch (error) {
    if (error instanceof DataFolderInUse) {
      throw new StartError('data_in_use', `the data folder ${folder} is in use by another running server.`, error)
    }
    if (isDamagedDatabase(error)) {
      const file = join(folder, folderNames.lock)
      throw new StartError('data_folder', `${file} is damaged. It holds no data: delete it and start again.`, error)
    }
    throw dataErrorToStartError(folder, error)
  }
}
