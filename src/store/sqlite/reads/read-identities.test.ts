import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  createApply,
  openMigratedDatabase,
  queryPlan,
  watchPrepared,
} from '../../../../test/support/migrated-database.ts'
import { sampleKey } from '../../../../test/support/sample-identities.ts'
import type { ApiKey } from '../../../domain/identity.ts'
import type { PageRequest } from '../../store.ts'
import { createIdentityReads, pageParameters } from './read-identities.ts'

let database: DatabaseSync
beforeEach(() => {
  database = openMigratedDatabase()
})
afterEach(() => database.close())

test('of rows that were made at the same instant each is on one page, newest first', async () => {
  const keys = [1, 2, 2, 2, 3].map((createdAt, index) =>
    sampleKey({ id: `key-${index}`, prefix: `p${index}`, createdAt }),
  )
  createApply(database)({ write: keys.toReversed().map((key) => ({ kind: 'insert_key', key })) })
  const { listKeys } = createIdentityReads(database)
  const seen: string[] = []
  let page: PageRequest = { limit: 2 }
  for (;;) {
    const listed: ApiKey[] = await listKeys('owner-1', page)
    seen.push(...listed.map(({ id }) => id))
    const last = listed.at(-1)
    if (last === undefined) break
    page = { limit: 2, before: { createdAt: last.createdAt, id: last.id } }
  }
  expect(seen).toEqual(['key-4', 'key-3', 'key-2', 'key-1', 'key-0'])
})

test('the keys of one user are no other user’s', async () => {
  const [own, other] = [sampleKey({ userId: 'ada' }), sampleKey({ userId: 'eve' })]
  createApply(database)({ write: [own, other].map((key) => ({ kind: 'insert_key', key })) })
  const { listKeys } = createIdentityReads(database)
  expect(await listKeys('ada', { limit: 10 })).toEqual([own])
  expect(await listKeys('bob', { limit: 10 })).toEqual([])
  expect(await listKeys(undefined, { limit: 10 })).toHaveLength(2)
})

test('an idempotent request that made no task has none, and what it made is read back', async () => {
  const request = { ownerId: 'ada', key: 'k', requestDigest: 'd', createdAt: 1 }
  const outcome = { made: { id: 'key-1', nested: { list: [1, null] } } }
  createApply(database)({ write: [{ kind: 'remember_idempotency', request, outcome }] })
  const { readIdempotency } = createIdentityReads(database)
  expect(await readIdempotency('ada', 'k')).toEqual({ requestDigest: 'd', task: undefined, made: outcome.made })
  expect(await readIdempotency('eve', 'k')).toBeUndefined()
})

test('a page that begins after a number is a defect, since these are listed by their creation', () => {
  expect(() => pageParameters({ limit: 1, before: { number: 7 } })).toThrow('begins after a createdAt and an id')
})

test('every page is a seek in an index that has its order', async () => {
  const { watched, prepared } = watchPrepared(database)
  createIdentityReads(watched)
  expect(prepared.length).toBeGreaterThan(8)
  for (const sql of prepared) {
    for (const step of queryPlan(sql)) expect(step).toMatch(/^SEARCH \w+ USING (?:INDEX|COVERING INDEX|PRIMARY KEY)/u)
  }
})
