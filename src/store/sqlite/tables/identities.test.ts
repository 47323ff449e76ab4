import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openMigratedDatabase } from '../../../../test/support/migrated-database.ts'
import { sampleAgent, sampleKey, sampleTeam, sampleUser } from '../../../../test/support/sample-identities.ts'
import type { Table } from '../table.ts'
import { agents, keys, teams, users } from './identities.ts'

let database: DatabaseSync
beforeEach(() => {
  database = openMigratedDatabase()
})
afterEach(() => database.close())

/** Inserts a row, updates it to `after`, and answers with what is read at both times. */
function insertAndUpdate<Entity>(name: string, table: Table<Entity>, before: Entity, after: Entity): Entity[] {
  const read = () => database.prepare(`SELECT * FROM ${name}`).all().map(table.read)
  database.prepare(table.insert.text).run(...table.insert.parametersOf(before))
  const inserted = read()
  database.prepare(table.update.text).run(...table.update.parametersOf(after))
  return [...inserted, ...read()]
}

test('every property of an agent is read as it was written, and every one but its id and number can change', () => {
  const before = sampleAgent({ number: 1 })
  const after = sampleAgent({
    id: before.id,
    number: 1,
    ownerId: 'owner-2',
    teamId: 'team-2',
    visibility: 'public',
    name: 'Writer',
    description: 'Writes files.',
    instructions: `sha256:${'5a'.repeat(32)}`,
    provider: 'demo-provider',
    model: null,
    tools: [],
    capabilities: ['files:*', 'web:read'],
    pathLabels: [],
    policy: null,
    timeoutMs: null,
    stepsMax: 7,
    concurrencyMax: 3,
    state: 'paused',
    failures: 2,
    createdAt: 5,
    updatedAt: 6,
  })
  expect(insertAndUpdate('agents', agents, before, after)).toEqual([before, after])
})

test('every property of a user, a team and a key is read as it was written, and every one but the id can change', () => {
  const defaults = { defaultProvider: 'demo-provider', defaultModel: 'demo-model' }
  const user = sampleUser()
  const otherUser = { ...user, ...defaults, name: 'Eve', email: 'eve@example.com', teamId: 'team-2', createdAt: 5 }
  expect(insertAndUpdate('users', users, user, otherUser)).toEqual([user, otherUser])
  const team = sampleTeam()
  const otherTeam = { ...team, ...defaults, name: 'Sales', webhookUrl: 'https://hooks.example.com', createdAt: 5 }
  expect(insertAndUpdate('teams', teams, team, otherTeam)).toEqual([team, otherTeam])
  const key = sampleKey()
  const otherKey = sampleKey({
    id: key.id,
    name: 'phone',
    dialect: 'neo',
    prefix: 'sk_1',
    verifier: 'b2'.repeat(32),
    userId: 'owner-2',
    agentId: 'agent-2',
    role: 'viewer',
    createdAt: 5,
    revokedAt: 9,
  })
  expect(insertAndUpdate('keys', keys, key, otherKey)).toEqual([key, otherKey])
})

test('a role that this version does not know grants nothing: the row is not read', () => {
  const key = sampleKey()
  database.prepare(keys.insert.text).run(...keys.insert.parametersOf(key))
  database.exec("UPDATE keys SET role = 'owner'")
  const rows = database.prepare('SELECT * FROM keys').all()
  expect(() => rows.map(keys.read)).toThrow('role has no meaning here: owner.')
})
