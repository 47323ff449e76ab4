import { chmod, lstat, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DataFolderError } from './data-folder-error.ts'

/** The size above which a file is not read, since no key file is nearly as long. */
const bytesMax = 1024 * 1024
const beyondOwner = 0o077

/** The log that the operator's warnings go to. */
export interface WarningLog {
  warn(facts: object, message: string): void
}

/**
 * Creates the folder of the key files where there is none, and restricts it and its files to their owner. A file that
 * others could read is reported to the log, since it may have been read. Throws DataFolderError where the path is no
 * folder or belongs to somebody else.
 */
export async function securePrivateFolder(folder: string, log: WarningLog): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await secure([folder, ...(await readdir(folder)).map((name) => join(folder, name))], log)
  } catch (error) {
    throw unusable(`the folder ${folder}`, reasonOf(error), error)
  }
}

/**
 * Restricts an existing folder and the named entries in it to their owner. Other entries are the operator's and stay as
 * they are.
 */
export async function secureOwnFiles(folder: string, names: readonly string[], log: WarningLog): Promise<void> {
  try {
    await secure([folder, ...names.map((name) => join(folder, name))], log)
  } catch (error) {
    throw unusable(`the folder ${folder}`, reasonOf(error), error)
  }
}

/** Restricts the paths that exist. A link that leads nowhere exists. */
async function secure(paths: readonly string[], log: WarningLog): Promise<void> {
  if (process.platform === 'win32') return // Windows has no such modes.
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

/**
 * Reads a key file, or undefined where there is none. Throws DataFolderError for a file that cannot be read or cannot
 * be a key file.
 */
export async function readPrivateFile(path: string): Promise<Buffer | undefined> {
  try {
    const found = await stat(path)
    // Reading a pipe could block for ever.
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
 * Writes a file that only its owner can read. It is written beside its place and renamed: a reader meanwhile, or after
 * a crash or on a full disk, finds the previous file or the new one and never a part. It is durable once this resolves.
 */
export async function replacePrivateFile(path: string, content: string | Uint8Array): Promise<void> {
  const unfinished = `${path}.unfinished`
  await rm(unfinished, { force: true }) // A process that was killed may have left it behind.
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

/** Syncs a folder, which puts the names in it on disk. */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder for syncing. Its file system journals renames.
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
