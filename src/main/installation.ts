import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DataFolderError } from '../data-folder/data-folder-error.ts'
import { folderNames } from '../data-folder/folder-names.ts'
import { type KeyFiles, keyFilePath, readInstallation } from '../data-folder/key-files.ts'
import { signingKeyPath } from '../data-folder/signing-key-file.ts'
import { settingNames } from '../domain/setting-names.ts'
import { sqliteFile } from '../store/sqlite/database-file.ts'
import type { Store } from '../store/store.ts'

const { installation, newLogWanted, defaultAgent } = settingNames

/**
 * Refuses a data folder that has lost its keys or its database since the first start. A start would otherwise make new ones
 * without a word: every API key would be unknown, or every task gone. It changes nothing. A database that was restored
 * without its keys is allowed to start.
 */
export async function checkInstallation(dataFolder: string): Promise<void> {
  const database = join(dataFolder, folderNames.database)
  const bytes = statSync(database, { throwIfNoEntry: false })?.size ?? 0
  if (bytes === 0) {
    if ((await readInstallation(dataFolder)) !== undefined) throw lostDatabase(dataFolder)
    return
  }
  const keys = statSync(join(dataFolder, folderNames.keys), { throwIfNoEntry: false })
  if (keys !== undefined && !keys.isDirectory()) return // Opening the key files says what is wrong with it.
  const missing = [keyFilePath(dataFolder, 'pepper'), signingKeyPath(dataFolder)].find((path) => !existsSync(path))
  if (missing === undefined) return
  const settings = sqliteFile.readSettings(database, [defaultAgent, newLogWanted])
  if (settings.has(defaultAgent) && settings.get(newLogWanted) !== '1') throw lostKeys(dataFolder, missing)
}

/**
 * Checks that the database and the key files belong to the same installation, and writes the installation's id beside the keys
 * where it is not yet there. Call it after the first start has made the id.
 */
export async function bindInstallation(
  dataFolder: string,
  store: Pick<Store, 'readSetting'>,
  keys: KeyFiles,
): Promise<void> {
  const id = await store.readSetting(installation)
  const kept = await readInstallation(dataFolder)
  if (id === undefined || id === kept) return
  if (kept !== undefined) throw otherDatabase(dataFolder)
  await keys.writeInstallation(id)
}

/** Refuses a database that never saw a first start where the key files say that there was one. Call it before one is made. */
export async function checkFirstStart(dataFolder: string, store: Pick<Store, 'readSetting'>): Promise<void> {
  if ((await store.readSetting(installation)) !== undefined) return
  if ((await readInstallation(dataFolder)) !== undefined) throw lostDatabase(dataFolder)
}

function lostKeys(dataFolder: string, missing: string): DataFolderError {
  return new DataFolderError(
    `${missing} is missing, without which no key of an earlier start is known. Put it back, or restore a backup that has ` +
      `the keys. To go on without them, back up ${dataFolder} and restore it into another folder.`,
  )
}

function lostDatabase(dataFolder: string): DataFolderError {
  return new DataFolderError(
    `the database in ${dataFolder} is missing or empty, although there was one. Put it back, or restore a backup into another ` +
      'folder and set MANDATE_DATA to it. To begin anew, set MANDATE_DATA to an empty folder.',
  )
}

function otherDatabase(dataFolder: string): DataFolderError {
  return new DataFolderError(
    `the database in ${dataFolder} is not the one that the keys beside it belong to. Put the right one back, or restore a ` +
      'backup into another folder and set MANDATE_DATA to it.',
  )
}
