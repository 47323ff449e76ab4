import { backup, DatabaseSync } from 'node:sqlite'
import { readMigrations, schemaVersion } from './migrate.ts'

/** What a backup and a restore do with the database as a file. */
export const sqliteFile = {
  newestSchema: readMigrations().at(-1)?.number ?? 0,

  /** The database at one instant, as a file of its own. Answers with its schema. */
  async copy(from: string, to: string): Promise<number> {
    using source = new DatabaseSync(from, { readOnly: true, timeout: 5_000 })
    const schema = schemaVersion(source)
    // All pages in one step: a copy in pieces begins anew whenever a server writes in between.
    await backup(source, to, { rate: 2 ** 30 })
    using copied = new DatabaseSync(to)
    copied.exec('PRAGMA journal_mode = DELETE') // one file, without a log beside it
    return schema
  },

  writeSettings(path: string, settings: Readonly<Record<string, string>>): void {
    using database = new DatabaseSync(path)
    const put = database.prepare('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)')
    database.exec('BEGIN')
    for (const [name, value] of Object.entries(settings)) put.run(name, value)
    database.exec('COMMIT')
  },
}
