import { dirname } from 'node:path'
import { makeFolder } from '../cli/make-folder.ts'
import type { ArchiveOptions, OfflineCommands } from '../cli/offline-commands.ts'
import { findLocalKey, joinServer, startServer } from './local-server.ts'
import { keyVariablesOf, readModelsFile } from './models-file.ts'
import { packageVersion } from './package-version.ts'
import { readConfig } from './read-config.ts'
import { refuseMistypedSettings } from './settings.ts'

/** The commands that work on this machine without asking a server. */
export const offlineCommands: OfflineCommands = {
  version: packageVersion,
  checkSettings(named) {
    // A models file that cannot be used is for the server to tell; it may not even be on this machine.
    const extension = readModelsFileIfSound(process.env['MANDATE_MODELS'])
    refuseMistypedSettings(process.env, [...named, ...keyVariablesOf(extension)])
  },
  async serve({ port, host, data, temporary }) {
    const { serve } = await import('./serve.ts')
    const given = { MANDATE_PORT: port?.toString(), MANDATE_HOST: host, MANDATE_DATA: data }
    const settings = Object.entries(given).filter(([, value]) => value !== undefined)
    return serve({ ...process.env, ...Object.fromEntries(settings) }, { temporary })
  },
  joinServer,
  startServer,
  async backup(options: ArchiveOptions) {
    const { backupDataFolder } = await import('../data-folder/backup-data-folder.ts')
    const { sqliteFile } = await import('../store/sqlite/database-file.ts')
    const { dataFolder } = readConfig(process.env)
    return await tellingReason(dataFolder, () => backupDataFolder({ ...options, dataFolder, databaseFile: sqliteFile }))
  },
  async restore(options: ArchiveOptions) {
    const { restoreDataFolder } = await import('../data-folder/restore-data-folder.ts')
    const { dataFolder } = readConfig(process.env)
    const { sqliteFile } = await import('../store/sqlite/database-file.ts')
    await tellingReason(dataFolder, async () => {
      await makeFolder(dirname(dataFolder))
      return await restoreDataFolder({ ...options, dataFolder, databaseFile: sqliteFile })
    })
  },
  async verify(options) {
    const { verifyAudit } = await import('./verify-audit.ts')
    return verifyAudit(options.package, options.pinned)
  },
  localKey: findLocalKey,
}

/** An error of a file or a database describes the state of the disk, and is reported as such. */
async function tellingReason<Result>(dataFolder: string, work: () => Promise<Result>): Promise<Result> {
  const { ArchiveError } = await import('../data-folder/archive.ts')
  try {
    return await work()
  } catch (error) {
    if (error instanceof ArchiveError) throw error
    const { dataErrorToStartError } = await import('./start-error.ts')
    throw new ArchiveError('data_unreadable', dataErrorToStartError(dataFolder, error).message, error)
  }
}

function readModelsFileIfSound(file: string | undefined) {
  try {
    return readModelsFile(file)
  } catch {
    return null
  }
}
