import { isRefusal, Refusal } from './refusal.ts'

/**
 * The codes of the operating system for a disk, its space or the process's descriptors that ran short. The work itself
 * is not at fault.
 */
const diskCodes: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EFBIG', 'EMFILE', 'ENFILE'])
/**
 * Codes that may also mean a single file: of missing rights, and of something else in the place of a file or a folder. They
 * count only where the folder is the server's own, in which nobody else should have changed anything.
 */
const ownFolderCodes: ReadonlySet<unknown> = new Set([
  'EACCES',
  'EPERM',
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'EEXIST',
  'ELOOP',
  'EBUSY',
  'ENXIO',
])

/**
 * The refusal `storage_unavailable` for an error of the disk, so that the work waits and is tried again. Undefined for
 * any other error. `what` begins the sentence: "A file could not be kept". `own` says that only the server itself
 * writes there, so that missing rights are the platform's fault too.
 */
export function storageUnavailable(error: unknown, what: string, own: boolean): Refusal | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (!diskCodes.has(code) && !(own && ownFolderCodes.has(code))) return undefined
  return new Refusal('storage_unavailable', `${what}: the disk answered ${code}.`, {
    cause: error,
    retryAfterMs: 1_000,
  })
}

/** Whether the store refused for now only: the same work succeeds once it is well, or once less waits. */
export function isStorageUnavailable(error: unknown): error is Refusal {
  return isRefusal(error, 'storage_unavailable') || isRefusal(error, 'overloaded')
}

/** The refusal `storage_unavailable` for stored bytes that are damaged or lost. `message` says which, for the operator. */
export function storedBytesLost(message: string): Refusal {
  return new Refusal('storage_unavailable', `${message} Restore it from a backup.`, { retryAfterMs: 5_000 })
}

/** Runs the work and converts errors of the disk to `storage_unavailable`. */
export async function refusingDiskErrors<T>(what: string, own: boolean, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw storageUnavailable(error, what, own) ?? error
  }
}
