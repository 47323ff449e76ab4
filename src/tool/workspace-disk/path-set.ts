/** A set of paths of files that can coexist on any file system. */
export interface PathSet {
  /**
   * A path in the set that this one cannot coexist with: it differs in case or Unicode form only, or one of the two
   * would have to be a file and a folder at once. A path never clashes with itself.
   */
  clash(path: string): string | undefined
  add(path: string): void
}

interface Entry {
  /** The path as it was first added. */
  readonly exact: string
  readonly isFile: boolean
}

/** Creates a set of these paths. */
export function createPathSet(paths: Iterable<string> = []): PathSet {
  const entries = new Map<string, Entry>()
  const set: PathSet = {
    clash(path) {
      for (const { exact, isFile } of prefixesOf(path)) {
        const other = entries.get(fold(exact))
        if (other !== undefined && (other.exact !== exact || other.isFile !== isFile)) return other.exact
      }
      return undefined
    },
    add(path) {
      for (const entry of prefixesOf(path)) entries.set(fold(entry.exact), entry)
    },
  }
  for (const path of paths) set.add(path)
  return set
}

/** The prefixes of a path: `a/b/c` gives the folders `a` and `a/b`, then the file. */
function prefixesOf(path: string): Entry[] {
  const names = path.split('/')
  return names.map((_, index) => ({ exact: names.slice(0, index + 1).join('/'), isFile: index === names.length - 1 }))
}

function fold(path: string): string {
  return path.normalize('NFC').toLowerCase()
}
