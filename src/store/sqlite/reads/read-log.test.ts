import { describe, expect, test } from 'vitest'
import { growingScans, queryPlan } from '../../../../test/support/migrated-database.ts'
import { logSql as logWriteSql } from '../sql/log.ts'
import { requirementSql } from '../sql/requirements.ts'
import { keepingSql } from './read-keeping.ts'
import { logSql } from './read-log.ts'

// What these cost does not grow with what is kept: the plans say so. A measured time would only say how fast this machine is.

describe('the log', () => {
  test('unclosed runs are one seek in an index that holds nothing else, without sorting', () => {
    expect(queryPlan(logSql.unclosed)).toEqual([
      'SEARCH runs USING INDEX runs_unclosed (ended_at>?)',
      'SEARCH tasks USING INTEGER PRIMARY KEY (rowid=?)',
    ])
  })

  test('leaves, nodes and what the log has are seeks', () => {
    const { newestLog, head, log, leaves, node, byDigest, ofRun, countByKind, unowned } = logSql
    for (const sql of [newestLog, head, log, leaves, node, byDigest, ofRun, countByKind, unowned]) {
      expect(growingScans(sql)).toEqual([])
    }
    expect(queryPlan(logSql.leaves)).toEqual(['SEARCH statements USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)'])
  })
})

describe('budgets and statements', () => {
  test('are checked and written by seeks', () => {
    for (const sql of [...Object.values(requirementSql), ...Object.values(logWriteSql)]) {
      expect(growingScans(sql.text)).toEqual([])
    }
  })

  test('a revocation is looked for in an index that holds nothing else', () => {
    expect(queryPlan(requirementSql.unrevoked.text).join()).toContain(
      'USING COVERING INDEX statements_revoking (action=?)',
    )
  })
})

describe('what is to be purged', () => {
  test('is one seek, and so is the instant of the next, without sorting', () => {
    expect(queryPlan(keepingSql.purgeable)).toEqual([
      'SEARCH tasks USING INDEX tasks_by_purge (purge_at>? AND purge_at<?)',
    ])
    expect(queryPlan(keepingSql.nextPurge)).toEqual(['SEARCH tasks USING INDEX tasks_by_purge (purge_at>?)'])
  })
})
