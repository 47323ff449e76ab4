import { randomUUID } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { constants } from 'node:fs'
import { type FileHandle, open, rename, unlink } from 'node:fs/promises'
import { reservedPrefix } from '../check-path.ts'
import { ToolError } from '../tool.ts'
import { createChild, type Folder, isCode, NotAFolder } from './folder.ts'
import { fileNotFound, fileTooLarge, pathRefused } from './workspace-limits.ts'

/**
 * Opens the folder of a checked path step by step without following a link, and passes it to `body` with the file's own
 * name.
 */
export async function inFolderOf<T>(
  root: Folder,
  path: string,
  create: boolean,
  body: (folder: Folder, name: string) => Promise<T>,
): Promise<T> {
  const names = path.split('/')
  const name = names.pop() ?? ''
  let folder = root
  try {
    for (const step of names) {
      const child = create ? await createChild(folder, step) : await folder.child(step)
      if (folder !== root) await folder.close()
      folder = child
    }
    return await body(folder, name)
  } catch (error) {
    if (error instanceof NotAFolder) throw pathRefused(path, 'leads through something that is not a folder')
    if (isCode(error, 'ENOENT')) throw create ? pathRefused(path, 'changed while it was written') : fileNotFound(path)
    if (isCode(error, 'ENOSPC', 'EDQUOT')) throw new ToolError('storage_full', 'The disk of the server is full.', error)
    if (isCode(error, 'ENAMETOOLONG')) throw pathRefused(path, 'is too long for this file system')
    throw error
  } finally {
    if (folder !== root) await folder.close()
  }
}

/** Reads a whole file, with its state when the reading began. Only plain files are read. */
export async function readFileIn(
  folder: Folder,
  name: string,
  path: string,
  bytesMax: number,
): Promise<{ bytes: Uint8Array; stat: BigIntStats }> {
  // O_NONBLOCK keeps the opening of a pipe from waiting for a writer.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
  const file = await open(folder.at(name), flags).catch((error: unknown) => {
    if (isCode(error, 'ELOOP')) throw pathRefused(path, 'is a link')
    if (isCode(error, 'EISDIR')) throw pathRefused(path, 'is a folder')
    if (isCode(error, 'ENXIO', 'ENODEV')) throw pathRefused(path, 'is not a file')
    throw error
  })
  try {
    // The folder is confirmed after opening, so that the open file was reached through it.
    await folder.confirm()
    const stat = await file.stat({ bigint: true })
    if (stat.isDirectory()) throw pathRefused(path, 'is a folder')
    if (!stat.isFile()) throw pathRefused(path, 'is not a file')
    if (stat.size > bytesMax) throw fileTooLarge(path, bytesMax)
    return { bytes: await readUpTo(file, Number(stat.size)), stat }
  } finally {
    await file.close()
  }
}

/** Reads a file up to the size that it had, also where it grows meanwhile. */
async function readUpTo(file: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = Buffer.alloc(size)
  let filled = 0
  while (filled < size) {
    const { bytesRead } = await file.read(bytes, filled, size - filled, filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}

/**
 * Writes a file beside its place and renames it: readers see the old bytes or the new. A link in its place is replaced
 * and not followed. `modifiedAt` (seconds) sets its time.
 */
export async function writeFileIn(
  folder: Folder,
  name: string,
  path: string,
  bytes: Uint8Array,
  modifiedAt?: number,
): Promise<void> {
  const unfinished = folder.at(`${reservedPrefix}${randomUUID()}`)
  await folder.confirm()
  const file = await open(unfinished, 'wx', 0o644)
  try {
    try {
      await file.writeFile(bytes)
      if (modifiedAt !== undefined) await file.utimes(modifiedAt, modifiedAt)
    } finally {
      await file.close()
    }
    await folder.confirm()
    await rename(unfinished, folder.at(name))
  } catch (error) {
    await unlink(unfinished).catch(() => {
      // It may be gone already. A leftover is never listed and is removed when the workspace is rebuilt.
    })
    if (isCode(error, 'EISDIR', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR')) throw pathRefused(path, 'is a folder')
    throw error
  }
}
