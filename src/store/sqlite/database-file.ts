import { backup, DatabaseSync } from 'node:sqlite'
import { readMigrations, schemaVersion } from './migrate.ts'

/** The operations of a backup and a restore on the database as a file. */
export const sqliteFile = {
  newestSchema: readMigrations().at(-1)?.number ?? 0,

  /** Copies the database as of one instant to a file of its own. Resolves with the version of its schema. */
  async copy(from: string, to: string): Promise<number> {
    using source = new DatabaseSync(from, { readOnly: true, timeout: 5_000 })
    const schema = schemaVersion(source)
    // All pages are copied in one step, since a copy in pieces starts again whenever a server writes in between.
    await backup(source, to, { rate: 2 ** 30 })
    using copied = new DatabaseSync(to)
    // The copy is one file, without a write-ahead log beside it.
    copied.exec('PRAGMA journal_mode = DELETE')
    return schema
  },

  /** The settings of these names. Refuses with SchemaError a database that this version does not read; none where it has no tables yet. */
  readSettings(path: string, names: readonly string[]): ReadonlyMap<string, string> {
    using database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 })
    schemaVersion(database)
    if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'settings'").get() === undefined) return new Map()
    const read = database.prepare('SELECT value FROM settings WHERE name = ?')
    return new Map(
      names.flatMap((name) => {
        const value = read.get(name)?.['value']
        return typeof value === 'string' ? [[name, value] as const] : []
      }),
    )
  },

  writeSettings(path: string, settings: Readonly<Record<string, string>>): void {
    using database = new DatabaseSync(path)
    const put = database.prepare('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)')
    database.exec('BEGIN')
    for (const [name, value] of Object.entries(settings)) put.run(name, value)
    database.exec('COMMIT')
  },
}
