import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { type Migration, migrate, readMigrations, SchemaError, schemaVersion } from './migrate.ts'

const first: Migration = { number: 1, name: '0001-a.sql', sql: 'CREATE TABLE a (x INTEGER) STRICT;', checksum: 'one' }
const second: Migration = { number: 2, name: '0002-b.sql', sql: 'CREATE TABLE b (x INTEGER) STRICT;', checksum: 'two' }
const broken: Migration = {
  number: 3,
  name: '0003-c.sql',
  sql: 'CREATE TABLE c (x INTEGER); NONSENSE;',
  checksum: 'three',
}

function tables(database: DatabaseSync): unknown[] {
  return database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .all()
    .map(({ name }) => name)
}

describe('migrations', () => {
  test('are applied once, in order, and only what is new', () => {
    using database = new DatabaseSync(':memory:')
    expect(schemaVersion(database)).toBe(0)
    migrate(database, [first])
    migrate(database, [first, second])
    migrate(database, [first, second])
    expect(tables(database)).toEqual(['a', 'b', 'migrations'])
    expect(schemaVersion(database)).toBe(2)
  })

  test('that fail leave the database as it was', () => {
    using database = new DatabaseSync(':memory:')
    migrate(database, [first])
    expect(() => migrate(database, [first, second, broken])).toThrow('NONSENSE')
    expect(tables(database)).toEqual(['a', 'migrations'])
    expect(database.isTransaction).toBe(false)
  })

  test('of a newer version are refused in one sentence, and nothing is changed', () => {
    using database = new DatabaseSync(':memory:')
    migrate(database, [first, second])
    const attempt = () => migrate(database, [first])
    expect(attempt).toThrow(SchemaError)
    expect(attempt).toThrow(/newer version of Mandate \(0002-b\.sql is not known here\)/u)
    expect(schemaVersion(database)).toBe(2)
  })

  test('that were changed after they were applied are refused', () => {
    using database = new DatabaseSync(':memory:')
    migrate(database, [first])
    expect(() => migrate(database, [{ ...first, checksum: 'other' }, second])).toThrow(/another 0001-a\.sql/u)
    expect(tables(database)).toEqual(['a', 'migrations'])
  })

  test('of 0.1.0 are refused by name, with what can be done, and nothing is changed', () => {
    using database = new DatabaseSync(':memory:')
    migrate(database, [{ ...first, name: '0001-tasks-and-identities.sql' }])
    for (const attempt of [() => migrate(database), () => schemaVersion(database)]) {
      expect(attempt).toThrow(expect.objectContaining({ name: 'SchemaError', reason: 'old_release' }))
      expect(attempt).toThrow(/made by Mandate 0\.1\.0, .* set MANDATE_DATA to an empty folder/u)
    }
    expect(tables(database)).toEqual(['a', 'migrations'])
  })

  test('are refused to a database of another program, and nothing is changed', () => {
    using database = new DatabaseSync(':memory:')
    database.exec('CREATE TABLE notes (x INTEGER PRIMARY KEY AUTOINCREMENT)')
    for (const attempt of [() => migrate(database), () => schemaVersion(database)]) {
      expect(attempt).toThrow(expect.objectContaining({ name: 'SchemaError', reason: 'foreign_database' }))
    }
    expect(tables(database)).toEqual(['notes', 'sqlite_sequence'])
  })

  test('are applied to a database that is empty, whatever SQLite itself keeps in it', () => {
    using database = new DatabaseSync(':memory:')
    database.exec('CREATE TABLE gone (x INTEGER PRIMARY KEY AUTOINCREMENT); DROP TABLE gone; ANALYZE')
    migrate(database, [first])
    expect(schemaVersion(database)).toBe(1)
  })

  test('of this version are numbered without a gap and make a database', () => {
    using database = new DatabaseSync(':memory:')
    const migrations = readMigrations()
    expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, index) => index + 1))
    migrate(database)
    expect(schemaVersion(database)).toBe(migrations.length)
    expect(tables(database)).toEqual(expect.arrayContaining(['contents', 'events', 'runs', 'tasks']))
  })
})
