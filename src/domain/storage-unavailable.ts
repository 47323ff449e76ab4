import { Refusal } from './refusal.ts'

/** What an operating system answers where the disk, its space or the process's descriptors are short: the work itself is not at fault. */
const diskCodes = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EFBIG', 'EMFILE', 'ENFILE'])
/** These also speak of a single file, and count only where the folder is the server's own. */
const rightsCodes = new Set(['EACCES', 'EPERM'])

/**
 * The refusal `storage_unavailable` for an error of the disk, so that the work waits and is tried again; undefined for any other
 * error. `what` begins the sentence: "A file could not be kept". `own`: only the server itself writes there, so that missing
 * rights are the platform's fault too.
 */
export function storageUnavailable(error: unknown, what: string, own: boolean): Refusal | undefined {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (!diskCodes.has(code) && !(own && rightsCodes.has(code))) return undefined
  return new Refusal('storage_unavailable', `${what}: the disk answered ${code}.`, {
    cause: error,
    retryAfterMs: 1_000,
  })
}

/** The same work, with errors of the disk as `storage_unavailable`. */
export async function refusingDiskErrors<T>(what: string, own: boolean, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw storageUnavailable(error, what, own) ?? error
  }
}
