import { constants, existsSync } from 'node:fs'
import { lstat, mkdir, open, realpath } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * An open folder whose entries can be reached without following a link, however the path to it changes meanwhile. On
 * Linux it is a descriptor, and entries are named through `/proc/self/fd/<descriptor>`, which the kernel resolves to
 * the folder itself (as `openat` does elsewhere). On other systems it is a path that each `confirm` checks again; a
 * process that replaces folders by links at the right moment could win there, which no tool of this server can.
 */
export interface Folder {
  /** The path of an entry. Callers must not follow it where it is a link (O_NOFOLLOW, lstat, rename, unlink). */
  at(name: string): string
  /** The path of the folder itself. */
  readonly path: string
  /** Opens a folder in this one. Rejects with ENOENT where it is absent, and with NotAFolder where it is none. */
  child(name: string): Promise<Folder>
  /** Throws NotAFolder where the folder is no longer the one that was opened. */
  confirm(): Promise<void>
  close(): Promise<void>
}

/** Thrown where a link or a file was found in place of a folder. */
export class NotAFolder extends Error {
  constructor(path: string, cause?: unknown) {
    super(`Not a folder: ${path}`, { cause })
    this.name = 'NotAFolder'
  }
}

/** Opens a folder. */
export type OpenFolder = (path: string) => Promise<Folder>

/** The safest method of this system. */
export const openFolder: OpenFolder =
  process.platform === 'linux' && existsSync('/proc/self/fd') ? openByDescriptor : openByPath

/** Opens a folder as a descriptor, on Linux. */
export async function openByDescriptor(path: string): Promise<Folder> {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
  const handle = await open(path, flags).catch((error: unknown) => {
    if (isCode(error, 'ELOOP', 'ENOTDIR')) throw new NotAFolder(path, error)
    throw error
  })
  const itself = `/proc/self/fd/${handle.fd}`
  const at = (name: string) => `${itself}/${name}`
  return {
    path: itself,
    at,
    child: (name) => openByDescriptor(at(name)),
    confirm: async () => {},
    close: () => handle.close(),
  }
}

/** Opens a folder by its path, on other systems. */
export async function openByPath(path: string): Promise<Folder> {
  const opened = await lstat(path, { bigint: true })
  const confirm = async () => {
    const now = await lstat(path, { bigint: true })
    const same = now.isDirectory() && now.dev === opened.dev && now.ino === opened.ino
    if (!same || (await realpath(path)) !== path) throw new NotAFolder(path)
  }
  await confirm()
  const at = (name: string) => join(path, name)
  return { path, at, child: (name) => openByPath(at(name)), confirm, close: async () => {} }
}

/** Opens a folder in another one, and creates it where it is absent. */
export async function createChild(parent: Folder, name: string): Promise<Folder> {
  await parent.confirm()
  await mkdir(parent.at(name), { mode: 0o755 }).catch((error: unknown) => {
    if (!isCode(error, 'EEXIST')) throw error
  })
  return await parent.child(name)
}

/** Whether an error has one of these codes of the system. */
export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => error.code === code)
}
