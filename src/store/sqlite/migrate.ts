import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'

/** One step of the schema: a numbered SQL file that is applied once and never edited after its release. */
export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

/**
 * Thrown where this version cannot use the database. Nothing was changed. The message is a sentence for the operator
 * that says what is there and what can be done.
 */
export class SchemaError extends Error {
  readonly reason: 'old_release' | 'newer_schema' | 'changed_migration' | 'foreign_database'

  constructor(reason: SchemaError['reason'], message: string) {
    super(message)
    this.name = 'SchemaError'
    this.reason = reason
  }
}

/** The releases whose databases are no longer read, by the name of their first migration. */
const oldReleases: Readonly<Record<string, string>> = { '0001-tasks-and-identities.sql': '0.1.0' }

const ownFolder = fileURLToPath(new URL('./migrations/', import.meta.url))

/** Reads the migrations of a folder, in order. Files are named `<number>-<purpose>.sql`. */
export function readMigrations(folder = ownFolder): Migration[] {
  const names = readdirSync(folder).filter((name) => /^\d{4}-.+\.sql$/u.test(name))
  return names.sort().map((name) => {
    const sql = readFileSync(`${folder}/${name}`, 'utf8')
    return { number: Number(name.slice(0, 4)), name, sql, checksum: hash('sha256', sql, 'hex') }
  })
}

/**
 * Brings the database to the newest schema in one transaction that excludes every other writer. A process that comes
 * second waits and then finds the work done. Refuses with SchemaError a database of a release that is no longer read,
 * one that a newer version has changed, one whose applied migrations differ from those known here, and one of another
 * program.
 */
export function migrate(database: DatabaseSync, migrations: readonly Migration[] = readMigrations()): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    refuseForeign(database)
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

/**
 * The number of the newest migration that was applied to a database, or 0 for an empty one. Refuses with SchemaError a
 * database of a release that is no longer read, and one of another program.
 */
export function schemaVersion(database: DatabaseSync): number {
  refuseForeign(database)
  if (!hasTable(database, 'migrations')) return 0
  const applied = readApplied(database)
  refuseOldRelease(applied)
  return applied.at(-1)?.number ?? 0
}

function refuseForeign(database: DatabaseSync): void {
  if (hasTable(database, 'migrations') || !hasTable(database)) return
  throw new SchemaError(
    'foreign_database',
    'The database has tables of another program; set MANDATE_DATA to a folder of its own.',
  )
}

function hasTable(database: DatabaseSync, name = '%'): boolean {
  return (
    database
      .prepare(
        "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name LIKE ? AND name NOT LIKE 'sqlite!_%' ESCAPE '!'",
      )
      .get(name) !== undefined
  )
}

/** The applied migrations in order, without their SQL. */
function readApplied(database: DatabaseSync): Omit<Migration, 'sql'>[] {
  const rows = database.prepare('SELECT number, name, checksum FROM migrations ORDER BY number').all()
  return rows.map(({ number, name, checksum }) => ({
    number: Number(number),
    name: String(name),
    checksum: String(checksum),
  }))
}

function refuseOldRelease([first]: readonly Omit<Migration, 'sql'>[]): void {
  const release = oldReleases[first?.name ?? '']
  if (release === undefined) return
  throw new SchemaError(
    'old_release',
    `The database was made by Mandate ${release}, whose data this version does not read: go on with ${release}, or set MANDATE_DATA to an empty folder. Audit packages that ${release} exported still verify.`,
  )
}

function checkApplied(database: DatabaseSync, migrations: readonly Migration[]): Set<number> {
  const known = new Map(migrations.map((migration) => [migration.number, migration]))
  const applied = readApplied(database)
  refuseOldRelease(applied)
  for (const { number, name, checksum } of applied) {
    const migration = known.get(number)
    if (migration === undefined) {
      throw new SchemaError(
        'newer_schema',
        `The database was changed by a newer version of Mandate (${name} is not known here); run that version or restore a backup.`,
      )
    }
    if (migration.checksum !== checksum) {
      throw new SchemaError(
        'changed_migration',
        `The database was made with another ${name} than this version has; run the version that made it or restore a backup.`,
      )
    }
  }
  return new Set(applied.map(({ number }) => number))
}
