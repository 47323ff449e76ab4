import { statSync } from 'node:fs'

/**
 * Watches whether the files that SQLite has open are still the ones under their names. A removed or replaced file goes on
 * taking writes, and everything that it takes is lost when the process ends.
 */
export interface WatchedFiles {
  /** The sentence for the operator where a file is gone, or undefined while all are in place. */
  findGone(): string | undefined
}

/** Watches the database and its write-ahead log, from the first time that each is found. */
export function watchFiles(path: string): WatchedFiles {
  const known = new Map<string, string>()
  const identityOf = (file: string): string | undefined => {
    const found = statSync(file, { bigint: true, throwIfNoEntry: false })
    return found && `${found.dev}:${found.ino}`
  }
  const isInPlace = (file: string): boolean => {
    const found = identityOf(file)
    const before = known.get(file)
    if (before === undefined && found !== undefined) known.set(file, found)
    return before === undefined || before === found
  }
  // Windows removes no file that is open, and its inodes say nothing.
  const files = process.platform === 'win32' ? [] : [path, `${path}-wal`]
  return {
    findGone() {
      const gone = files.find((file) => !isInPlace(file))
      if (gone === undefined) return undefined
      return (
        `${gone} was removed or replaced while the server runs. Nothing more is taken, since it would be lost at the ` +
        'next start. Put the same file back, or stop the server and restore a backup.'
      )
    },
  }
}
