import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { encodeCommit } from '../encode/encode-commit.ts'
import { migrate } from '../migrate.ts'
import { createWriteGroup, StorageFailed } from './write-group.ts'
import { writerSql } from './writer-sql.ts'

let database: DatabaseSync
let syncs: number
let breakSync: (() => void) | undefined
beforeEach(() => {
  database = new DatabaseSync(':memory:')
  migrate(database)
  syncs = 0
  breakSync = undefined
})
afterEach(() => database.close())

const writeGroup = () =>
  createWriteGroup(database, writerSql, () => {
    syncs += 1
    breakSync?.()
  })
const put = (name: string, value: string | null = 'x') =>
  encodeCommit({ write: [{ kind: 'put_setting', name, value: value as string }] })
const settings = () =>
  database
    .prepare('SELECT name FROM settings ORDER BY name')
    .all()
    .map(({ name }) => name)

test('a group is one transaction with one sync', () => {
  expect(writeGroup()([put('a'), put('b')])).toHaveLength(2)
  expect([settings(), syncs, database.isTransaction]).toEqual([['a', 'b'], 1, false])
})

test('a commit that is a defect is not written, and its neighbours are', () => {
  const replies = writeGroup()([put('a'), put('b', null), put('c')])
  expect(replies[1]).toMatchObject({ failure: 'defect', message: expect.stringContaining('NOT NULL') })
  expect([replies[0], replies[2]]).toEqual([[], []])
  expect([settings(), database.isTransaction]).toEqual([['a', 'c'], false])
})

test('a requirement that does not hold keeps its own commit out and no other', () => {
  const refused = encodeCommit({
    require: [{ name: 'absentSetting', setting: 'a' }],
    write: [{ kind: 'put_setting', name: 'b', value: 'x' }],
  })
  expect(writeGroup()([put('a'), refused, put('c')])).toEqual([[], 0, []])
  expect(settings()).toEqual(['a', 'c'])
})

test('where the disk refuses nothing of the group is written, and the next group is', () => {
  const group = writeGroup()
  breakSync = () => {
    throw Object.assign(new Error('database or disk is full'), { errcode: 13 })
  }
  expect(() => group([put('a'), put('b')])).toThrow(StorageFailed)
  expect([settings(), database.isTransaction]).toEqual([[], false])
  breakSync = undefined
  group([put('c')])
  expect(settings()).toEqual(['c'])
})
