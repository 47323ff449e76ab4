import type { DatabaseSync } from 'node:sqlite'
import type { PageRequest, Store } from '../../store.ts'
import { integer, nullable, readColumn, text } from '../columns.ts'
import { keys as keyTable, teams as teamTable, users as userTable } from '../tables/identities.ts'

type IdentityReads = Pick<
  Store,
  | 'readUser'
  | 'listUsers'
  | 'readTeam'
  | 'listTeams'
  | 'readKey'
  | 'readKeyByPrefix'
  | 'listKeys'
  | 'readIdempotency'
  | 'readSetting'
>

const newestFirst = '(created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?'
const sql = {
  user: 'SELECT * FROM users WHERE id = ?',
  users: `SELECT * FROM users WHERE ${newestFirst}`,
  team: 'SELECT * FROM teams WHERE id = ?',
  teams: `SELECT * FROM teams WHERE ${newestFirst}`,
  key: 'SELECT * FROM keys WHERE id = ?',
  keyByPrefix: 'SELECT * FROM keys WHERE prefix = ?',
  keys: `SELECT * FROM keys WHERE ${newestFirst}`,
  keysOfUser: `SELECT * FROM keys WHERE user_id = ? AND ${newestFirst}`,
  idempotency: 'SELECT * FROM idempotency WHERE owner_id = ? AND key = ?',
  setting: 'SELECT value FROM settings WHERE name = ?',
} as const

/** Reads of users, teams, keys and the small tables. */
export function createIdentityReads(database: DatabaseSync): IdentityReads {
  const readUser = database.prepare(sql.user)
  const users = database.prepare(sql.users)
  const readTeam = database.prepare(sql.team)
  const teams = database.prepare(sql.teams)
  const readKey = database.prepare(sql.key)
  const readKeyByPrefix = database.prepare(sql.keyByPrefix)
  const keys = database.prepare(sql.keys)
  const keysOfUser = database.prepare(sql.keysOfUser)
  const idempotency = database.prepare(sql.idempotency)
  const setting = database.prepare(sql.setting)
  return {
    readUser: async (id) => readUser.all(id).map(userTable.read)[0],
    listUsers: async (page) => users.all(...pageParameters(page)).map(userTable.read),
    readTeam: async (id) => readTeam.all(id).map(teamTable.read)[0],
    listTeams: async (page) => teams.all(...pageParameters(page)).map(teamTable.read),
    readKey: async (id) => readKey.all(id).map(keyTable.read)[0],
    readKeyByPrefix: async (prefix) => readKeyByPrefix.all(prefix).map(keyTable.read)[0],
    async listKeys(userId, page) {
      const parameters = pageParameters(page)
      return (userId === undefined ? keys.all(...parameters) : keysOfUser.all(userId, ...parameters)).map(keyTable.read)
    },
    async readIdempotency(ownerId, key) {
      const row = idempotency.get(ownerId, key)
      if (row === undefined) return undefined
      const id = readColumn(row, 'task_id', nullable(text))
      const [afterSeq, lastSeq] = [
        readColumn(row, 'after_seq', nullable(integer)),
        readColumn(row, 'last_seq', nullable(integer)),
      ]
      const task = id === null || afterSeq === null || lastSeq === null ? undefined : { id, afterSeq, lastSeq }
      const made = readColumn(row, 'made', nullable(text))
      return {
        requestDigest: readColumn(row, 'request_digest', text),
        task,
        made: made === null ? undefined : JSON.parse(made),
      }
    },
    async readSetting(name) {
      const row = setting.get(name)
      return row === undefined ? undefined : readColumn(row, 'value', text)
    },
  }
}

/** The parameters of a page in the order of creation: the instant and the id of the row before it, and the limit. */
export function pageParameters({ before, limit }: PageRequest): [number, string, number] {
  if (before === undefined) return [Number.MAX_SAFE_INTEGER, '', limit]
  if ('number' in before) throw new Error('A page of these begins after a createdAt and an id.')
  return [before.createdAt, before.id, limit]
}
