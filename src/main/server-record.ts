import { hash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { makeFolder } from '../cli/make-folder.ts'
import { replacePrivateFile } from '../data-folder/private-files.ts'

/** Where a server can be reached; it stands in `server.json` of its data folder while the server lives. */
export interface ServerRecord {
  readonly url: string
  readonly pid: number
  /** Only of a temporary server: where whoever uses it says so. */
  readonly holds?: HoldsAddress | undefined
}

/** On the loopback. The token is known to whoever may read the data folder. */
export interface HoldsAddress {
  readonly port: number
  readonly token: string
}

/** The record of a server whose process lives, and the data folder that it works on. */
export interface FoundServer extends ServerRecord {
  readonly dataFolder: string
}

/**
 * Says where the server of this data folder can be reached, in the folder itself; and in the user's state folder, where the
 * data folder is: so that the command line finds the server's key from any folder. The answer takes the record away again.
 */
export async function publishServer(dataFolder: string, record: ServerRecord): Promise<() => void> {
  const path = recordPath(dataFolder)
  await replacePrivateFile(path, `${JSON.stringify(record)}\n`)
  await rememberDataFolder(dataFolder)
  return () => rmSync(path, { force: true })
}

/** The live server of this data folder; undefined where there is none. */
export function readServerRecord(dataFolder: string): FoundServer | undefined {
  try {
    const { url, pid, holds }: Partial<ServerRecord> = JSON.parse(readFileSync(recordPath(dataFolder), 'utf8'))
    if (typeof url !== 'string' || typeof pid !== 'number' || !isAlive(pid)) return undefined
    return { url, pid, holds, dataFolder }
  } catch {
    return undefined // no server, or none that this user may know of
  }
}

/** The live server of this user that listens at `url`, whichever data folder it works on. */
export function findServerAt(url: string, dataFolders: readonly string[]): FoundServer | undefined {
  const address = addressOf(url)
  for (const dataFolder of new Set([...dataFolders, ...knownDataFolders()])) {
    const found = readServerRecord(dataFolder)
    if (found !== undefined && addressOf(found.url) === address) return found
  }
  return undefined
}

function recordPath(dataFolder: string): string {
  return join(dataFolder, 'server.json')
}

/** All names of the loopback mean this machine. */
function addressOf(url: string): string {
  const { protocol, hostname, port } = new URL(url)
  const host = /^(?:localhost|\[::1\]|127(?:\.\d+){3})$/u.test(hostname) ? 'loopback' : hostname
  return `${protocol}//${host}:${port}`
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** A file for each data folder that a server of this user has worked on; it holds the folder's path. */
function stateFolder(): string {
  const state = process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state')
  return join(state, 'mandate', 'data-folders')
}

/**
 * Remembers the data folder for later commands. Where the state folder cannot be written the person must pass a key by
 * hand, which is no reason to fail.
 */
async function rememberDataFolder(dataFolder: string): Promise<void> {
  try {
    const folder = stateFolder()
    await makeFolder(folder, 0o700)
    for (const { entry, known } of readEntries(folder)) if (!existsSync(known)) rmSync(entry, { force: true })
    await replacePrivateFile(join(folder, hash('sha256', dataFolder, 'hex').slice(0, 16)), `${dataFolder}\n`)
  } catch {
    // See above.
  }
}

function knownDataFolders(): string[] {
  return readEntries(stateFolder()).map(({ known }) => known)
}

function readEntries(folder: string): { readonly entry: string; readonly known: string }[] {
  try {
    const names = readdirSync(folder).filter((name) => /^[0-9a-f]{16}$/u.test(name))
    return names
      .map((name) => join(folder, name))
      .map((entry) => ({ entry, known: readFileSync(entry, 'utf8').trim() }))
  } catch {
    return [] // there is none yet, or it is not this user's
  }
}
