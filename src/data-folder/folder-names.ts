/** What stands in a data folder, and under which name. */
export const folderNames = {
  database: 'mandate.sqlite',
  blobs: 'blobs',
  workspaces: 'workspaces',
  keys: 'keys',
  lock: 'lock.sqlite',
} as const

/** Everything at the top of a data folder that is ours: the folder may hold more, which is its operator's. */
export const ownNames: readonly string[] = [
  ...Object.values(folderNames),
  ...['-wal', '-shm'].map((ending) => `${folderNames.database}${ending}`),
]
