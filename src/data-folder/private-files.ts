import { chmod, lstat, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DataFolderError } from './data-folder-error.ts'

/** No key file is anywhere near as long; something else that stands in its place is not read into memory. */
const bytesMax = 1024 * 1024
const beyondOwner = 0o077

/** Where its operator is told what was found. */
export interface WarningLog {
  warn(facts: object, message: string): void
}

/**
 * Makes the folder of the key files where there is none, and sees to it that nobody but its owner can enter it or read what
 * is in it. What others could read until now is told to the log: it may have been read. Throws DataFolderError where the folder
 * is none, or belongs to somebody else.
 */
export async function securePrivateFolder(folder: string, log: WarningLog): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await secure([folder, ...(await readdir(folder)).map((name) => join(folder, name))], log)
  } catch (error) {
    throw unusable(`the folder ${folder}`, reasonOf(error), error)
  }
}

/** The same for a folder that is there, and for what of it is ours: whatever else its operator keeps in it stays as it is. */
export async function secureOwnFiles(folder: string, names: readonly string[], log: WarningLog): Promise<void> {
  try {
    await secure([folder, ...names.map((name) => join(folder, name))], log)
  } catch (error) {
    throw unusable(`the folder ${folder}`, reasonOf(error), error)
  }
}

/** Leaves out what is not there; a link that leads nowhere is there. */
async function secure(paths: readonly string[], log: WarningLog): Promise<void> {
  if (process.platform === 'win32') return // it has no such modes
  for (const path of paths) {
    const mode = await modeOf(path)
    if (mode === undefined || (mode & beyondOwner) === 0) continue
    await chmod(path, mode & 0o700)
    log.warn(
      { path, mode: (mode & 0o777).toString(8) },
      'others could read this until now; only its owner can from here on',
    )
  }
}

async function modeOf(path: string): Promise<number | undefined> {
  try {
    await lstat(path)
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
  return (await stat(path)).mode
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/** Undefined where there is no file. Throws DataFolderError for what cannot be read, or cannot be a key file. */
export async function readPrivateFile(path: string): Promise<Buffer | undefined> {
  try {
    const found = await stat(path)
    // Reading a pipe could wait for ever.
    if (!found.isFile()) throw unusable(path, 'it is not a file')
    if (found.size > bytesMax) throw unusable(path, `it is longer than ${bytesMax} bytes`)
    return await readFile(path)
  } catch (error) {
    if (error instanceof DataFolderError) throw error
    if (isAbsent(error)) return undefined
    throw unusable(path, reasonOf(error), error)
  }
}

/**
 * Writes a file that only its owner can read. It is written beside its place and renamed: whoever reads meanwhile, or after
 * a crash or on a full disk, finds the file before or the file after, and never a part of one. Durable once it resolves.
 */
export async function replacePrivateFile(path: string, content: string | Uint8Array): Promise<void> {
  const unfinished = `${path}.unfinished`
  await rm(unfinished, { force: true }) // left behind by a process that was killed
  const handle = await open(unfinished, 'wx', 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  } finally {
    await handle.close()
  }
  await rename(unfinished, path)
  await syncFolder(dirname(path))
}

function unusable(what: string, why: string, cause?: unknown): DataFolderError {
  return new DataFolderError(`${what} cannot be used: ${why}.`, cause)
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder for syncing; its renames are journaled by the file system.
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
