/** The names of the entries of a data folder. */
export const folderNames = {
  database: 'mandate.sqlite',
  blobs: 'blobs',
  workspaces: 'workspaces',
  keys: 'keys',
  lock: 'lock.sqlite',
} as const

/** The names of every entry of a data folder that belongs to Mandate. Further entries are the operator's. */
export const ownNames: readonly string[] = [
  ...Object.values(folderNames),
  ...['-wal', '-shm'].map((ending) => `${folderNames.database}${ending}`),
]
