import type { DatabaseSync } from 'node:sqlite'
import type { PolicyVersion } from '../../../domain/policy.ts'
import type { PolicySummary, Store } from '../../store.ts'
import { flag, integer, json, type Row, readColumn, text } from '../columns.ts'

type PolicyReads = Pick<Store, 'readPolicy' | 'readPolicyNamed' | 'listPolicies' | 'listPolicyVersions'>

const sql = {
  byDigest: 'SELECT * FROM policies WHERE digest = ?',
  versions: 'SELECT * FROM policies WHERE name = ? ORDER BY place DESC',
  newest: 'SELECT * FROM policies WHERE name = ? ORDER BY place DESC LIMIT 1',
  newestOfEach: `SELECT * FROM policies
    WHERE place = (SELECT max(place) FROM policies AS newest WHERE newest.name = policies.name) ORDER BY name`,
} as const

/** Reads of policies and their versions. */
export function createPolicyReads(database: DatabaseSync): PolicyReads {
  const byDigest = database.prepare(sql.byDigest)
  const versions = database.prepare(sql.versions)
  const newest = database.prepare(sql.newest)
  const newestOfEach = database.prepare(sql.newestOfEach)
  return {
    readPolicy: async (digest) => byDigest.all(digest).map(readVersion)[0],
    readPolicyNamed: async (name) => newest.all(name).map(readVersion)[0],
    listPolicies: async () => newestOfEach.all().map(readSummary),
    listPolicyVersions: async (name) => versions.all(name).map(readSummary),
  }
}

/** Reads a version of a policy from its row. */
export function readVersion(row: Row): PolicyVersion {
  return {
    digest: readColumn(row, 'digest', text),
    document: readColumn(row, 'document', json()),
    cedar: readColumn(row, 'cedar', text),
  }
}

/** Reads a version with its origin and its instant from its row. */
export function readSummary(row: Row): PolicySummary {
  return {
    version: readVersion(row),
    builtin: readColumn(row, 'builtin', flag),
    createdAt: readColumn(row, 'created_at', integer),
  }
}
