import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Secrets of the installation, each a file of its own in the data folder that only its owner can read. */
export interface KeyFiles {
  /** The pepper under which API keys are stored; made at the first start. */
  readonly pepper: Buffer
  /** The admin key for whoever may read the data folder: the CLI on the same machine. */
  readLocalKey(): string | undefined
  writeLocalKey(key: string): void
}

export function openKeyFiles(dataFolder: string): KeyFiles {
  const folder = join(dataFolder, 'keys')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const pepperFile = join(folder, 'pepper')
  if (!existsSync(pepperFile)) writeFileSync(pepperFile, randomBytes(32), { mode: 0o600, flag: 'wx', flush: true })
  const localKeyFile = localKeyPath(dataFolder)
  return {
    pepper: readFileSync(pepperFile),
    readLocalKey: () => (existsSync(localKeyFile) ? readFileSync(localKeyFile, 'utf8').trim() : undefined),
    writeLocalKey: (key) => writeFileSync(localKeyFile, `${key}\n`, { mode: 0o600 }),
  }
}

export function localKeyPath(dataFolder: string): string {
  return join(dataFolder, 'keys', 'local-admin-key')
}
