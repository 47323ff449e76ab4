const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  EFBIG: 'the disk is full',
  EACCES: 'access to it is denied',
  EPERM: 'access to it is denied',
  EROFS: 'its file system can only be read',
  EIO: 'the disk failed to read or write',
  ENOENT: 'it is not there',
  EEXIST: 'something else stands in its place',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'it is a folder',
  ELOOP: 'it is a link that leads to itself',
  ENAMETOOLONG: 'its name is too long',
  EXDEV: 'it is on another disk',
  EBUSY: 'it is in use, or is where a disk is mounted',
  ENOTEMPTY: 'it is not empty',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
}

/** Words for the operator for the error that the system returned for a file. */
export function systemReasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return reasons[code] ?? error.message
}
