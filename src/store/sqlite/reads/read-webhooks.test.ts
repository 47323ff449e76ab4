import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { migrate } from '../migrate.ts'
import { insertDeliverySql, webhookSql as webhookWriteSql } from '../sql/webhooks.ts'
import { webhookSql } from './read-webhooks.ts'

// What a look for due deliveries costs, and a delivery, does not grow with what waits: the plans say so.

function plan(sql: string): string[] {
  using database = new DatabaseSync(':memory:')
  migrate(database)
  return database
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all()
    .map(({ detail }) => String(detail))
}

describe('deliveries', () => {
  test('the next receiver is one seek past all of the receiver before it', () => {
    expect(plan(webhookSql.nextReceiver)).toEqual(['SEARCH deliveries USING COVERING INDEX deliveries_due (target>?)'])
  })

  test('what is due at a receiver is one seek, without sorting', () => {
    expect(plan(webhookSql.due)).toEqual([
      'SEARCH deliveries USING INDEX deliveries_due (target=? AND next_at<?)',
      'SEARCH endpoints USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH tasks USING INTEGER PRIMARY KEY (rowid=?)',
    ])
  })

  test('an insert, a save and the release of the next are seeks', () => {
    const { saveDelivery, releaseNext, forgetDeliveries } = webhookWriteSql
    for (const sql of [insertDeliverySql, saveDelivery, releaseNext, forgetDeliveries]) {
      const steps = plan(sql.text)
      expect(steps.filter((step) => step.startsWith('SCAN'))).toEqual([])
      expect(steps.filter((step) => step.includes('TEMP B-TREE'))).toEqual([])
    }
  })

  test('the one that was settled first is one seek', () => {
    expect(plan(webhookSql.oldestSettled)).toEqual([
      'SEARCH deliveries USING COVERING INDEX deliveries_by_settlement (settled_at>?)',
    ])
  })

  test('a page of deliveries follows its index', () => {
    const steps = plan(webhookSql.deliveries)
    expect(steps.filter((step) => step.startsWith('SCAN') || step.includes('TEMP B-TREE'))).toEqual([])
  })
})
