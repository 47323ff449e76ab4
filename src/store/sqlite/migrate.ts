import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'

export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

/** The database cannot be used by this version of Mandate. The message is one sentence for the operator; nothing was changed. */
export class SchemaError extends Error {
  readonly reason: 'newer_schema' | 'changed_migration'

  constructor(reason: SchemaError['reason'], message: string) {
    super(message)
    this.name = 'SchemaError'
    this.reason = reason
  }
}

const ownFolder = fileURLToPath(new URL('./migrations/', import.meta.url))

/** The migrations of a folder, in order. Files are named `<number>-<purpose>.sql`. */
export function readMigrations(folder = ownFolder): Migration[] {
  const names = readdirSync(folder).filter((name) => /^\d{4}-.+\.sql$/u.test(name))
  return names.sort().map((name) => {
    const sql = readFileSync(`${folder}/${name}`, 'utf8')
    return { number: Number(name.slice(0, 4)), name, sql, checksum: hash('sha256', sql, 'hex') }
  })
}

/**
 * Brings the database to the newest schema, in one transaction that excludes every other writer; a process that comes
 * second waits and then finds the work done. Refuses with SchemaError a database that a newer version has changed, and one
 * whose applied migrations are not the ones known here.
 */
export function migrate(database: DatabaseSync, migrations: readonly Migration[] = readMigrations()): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    database.exec(
      'CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL) STRICT',
    )
    const applied = checkApplied(database, migrations)
    const record = database.prepare('INSERT INTO migrations (number, name, checksum) VALUES (?, ?, ?)')
    for (const migration of migrations.filter(({ number }) => !applied.has(number))) {
      database.exec(migration.sql)
      record.run(migration.number, migration.name, migration.checksum)
    }
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** The number of the newest migration that a database has; 0 for an empty one. */
export function schemaVersion(database: DatabaseSync): number {
  const table = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'").get()
  if (table === undefined) return 0
  return Number(database.prepare('SELECT max(number) AS newest FROM migrations').get()?.['newest'] ?? 0)
}

function checkApplied(database: DatabaseSync, migrations: readonly Migration[]): Set<number> {
  const known = new Map(migrations.map((migration) => [migration.number, migration]))
  const applied = database.prepare('SELECT number, name, checksum FROM migrations ORDER BY number').all()
  for (const row of applied) {
    const migration = known.get(Number(row['number']))
    if (migration === undefined) {
      throw new SchemaError(
        'newer_schema',
        `The database was changed by a newer version of Mandate (${row['name']} is not known here); run that version or restore a backup.`,
      )
    }
    if (migration.checksum !== row['checksum']) {
      throw new SchemaError(
        'changed_migration',
        `The database was made with another ${row['name']} than this version has; run the version that made it or restore a backup.`,
      )
    }
  }
  return new Set(applied.map((row) => Number(row['number'])))
}
