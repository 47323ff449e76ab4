import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { DataFolderError } from './data-folder-error.ts'
import { folderNames } from './folder-names.ts'
import { readPrivateFile, replacePrivateFile, securePrivateFolder, type WarningLog } from './private-files.ts'

const pepperBytes = 32

/** The secrets of the installation, each in a file of the data folder that only its owner can read. */
export interface KeyFiles {
  /** The pepper under which API keys are verified. It is made at the first start. */
  readonly pepper: Buffer
  /**
   * Writes the admin key for anyone who may read the data folder: the CLI on the same machine. It is durable once this
   * resolves.
   */
  writeLocalKey(key: string): Promise<void>
  /** Writes the id of the installation that the keys belong to. It is durable once this resolves. */
  writeInstallation(id: string): Promise<void>
}

/**
 * Opens the key files of a data folder and makes the pepper where there is none. Throws DataFolderError for a pepper of
 * another length: keys verified under a part of it, or under nothing, could be guessed. The caller holds the folder's
 * lock.
 */
export async function openKeyFiles(dataFolder: string, log: WarningLog): Promise<KeyFiles> {
  const folder = join(dataFolder, folderNames.keys)
  await securePrivateFolder(folder, log)
  const pepper = await openPepper(keyFilePath(dataFolder, 'pepper'))
  return {
    pepper,
    writeLocalKey: (key) => replacePrivateFile(localKeyPath(dataFolder), `${key}\n`),
    writeInstallation: (id) => replacePrivateFile(keyFilePath(dataFolder, 'installation'), `${id}\n`),
  }
}

/** The path of the admin key in a data folder. */
export function localKeyPath(dataFolder: string): string {
  return keyFilePath(dataFolder, 'local-admin-key')
}

/** The path of one of the key files in a data folder. */
export function keyFilePath(dataFolder: string, name: 'pepper' | 'local-admin-key' | 'installation'): string {
  return join(dataFolder, folderNames.keys, name)
}

/** Reads the id of the installation that the keys belong to, or undefined before the end of the first start. */
export async function readInstallation(dataFolder: string): Promise<string | undefined> {
  return (await readPrivateFile(keyFilePath(dataFolder, 'installation')))?.toString('utf8').trim() || undefined
}

async function openPepper(path: string): Promise<Buffer> {
  const kept = await readPrivateFile(path)
  if (kept === undefined) {
    const made = randomBytes(pepperBytes)
    await replacePrivateFile(path, made)
    return made
  }
  if (kept.length !== pepperBytes) {
    throw new DataFolderError(
      `${path} is damaged: it has ${kept.length} bytes and not ${pepperBytes}. Restore it from a backup; ` +
        'where no server has ever started with it, delete it.',
    )
  }
  return kept
}
