import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { makeFolder } from '../cli/make-folder.ts'
import type { ArchiveOptions, OfflineCommands, StartedServer } from '../cli/offline-commands.ts'
import { localKeyPath } from './key-files.ts'
import { keyVariablesOf, readModelsFile } from './models-file.ts'
import { packageVersion } from './package-version.ts'
import { readConfig } from './read-config.ts'
import { refuseMistypedSettings } from './settings.ts'

const bin = fileURLToPath(new URL('../../bin/mandate.mjs', import.meta.url))

/** What the command line can do on this machine without asking a server. */
export const offlineCommands: OfflineCommands = {
  version: packageVersion,
  checkSettings(named) {
    // A models file that cannot be used is for the server to tell; it may not even be on this machine.
    const extension = readModelsFileIfSound(process.env['MANDATE_MODELS'])
    refuseMistypedSettings(process.env, [...named, ...keyVariablesOf(extension)])
  },
  async serve() {
    const { serve } = await import('./serve.ts')
    return serve(process.env)
  },
  startServer,
  async backup(options: ArchiveOptions) {
    const { backupDataFolder } = await import('../store/sqlite/backup.ts')
    return backupDataFolder({ ...options, dataFolder: readConfig(process.env).dataFolder })
  },
  async restore(options: ArchiveOptions) {
    const { restoreDataFolder } = await import('../store/sqlite/restore.ts')
    const { dataFolder } = readConfig(process.env)
    await makeFolder(dirname(dataFolder))
    await restoreDataFolder({ ...options, dataFolder })
  },
  async verify(options) {
    const { verifyAudit } = await import('./verify-audit.ts')
    return verifyAudit(options.package, options.pinned)
  },
  localKey() {
    const file = localKeyPath(readConfig(process.env).dataFolder)
    try {
      return process.env['MANDATE_ADMIN_KEY'] || (existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined)
    } catch {
      return undefined // not readable by this user: the key must be given then
    }
  },
}

function readModelsFileIfSound(file: string | undefined) {
  try {
    return readModelsFile(file)
  } catch {
    return null
  }
}

/** Its first lines and errors go to nobody unless it fails to start; then they are the error. */
async function startServer(): Promise<StartedServer> {
  const child = spawn(process.execPath, [bin, 'serve'], {
    env: { ...process.env, MANDATE_LOG_LEVEL: process.env['MANDATE_LOG_LEVEL'] ?? 'error' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // Ctrl-C in the terminal is for the command, which stops the server itself
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = `${errors}${text}`.slice(-4_000)
  })
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /^listening on (\S+)$/u.exec(line)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once('error', reject)
    child.once('close', () => reject(new Error(errors.trim() || 'The server ended before it listened.')))
  })
  return {
    url,
    adminKey: offlineCommands.localKey(),
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}
