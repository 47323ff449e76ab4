import { describe, expect, test } from 'vitest'
import { queryPlan } from '../../../../test/support/migrated-database.ts'
import { insertDeliverySql, webhookSql as webhookWriteSql } from '../sql/webhooks.ts'
import { webhookSql } from './read-webhooks.ts'

// What a look for due deliveries costs, and a delivery, does not grow with what waits: the plans say so.

describe('deliveries', () => {
  test('the next receiver is one seek past all of the receiver before it', () => {
    expect(queryPlan(webhookSql.nextReceiver)).toEqual([
      'SEARCH deliveries USING COVERING INDEX deliveries_due (target>?)',
    ])
  })

  test('what is due at a receiver is one seek, without sorting', () => {
    expect(queryPlan(webhookSql.due)).toEqual([
      'SEARCH deliveries USING INDEX deliveries_due (target=? AND next_at<?)',
      'SEARCH endpoints USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH tasks USING INTEGER PRIMARY KEY (rowid=?)',
    ])
  })

  test('an insert, a save and the release of the next are seeks', () => {
    const { saveDelivery, releaseNext, forgetDeliveries } = webhookWriteSql
    for (const sql of [insertDeliverySql, saveDelivery, releaseNext, forgetDeliveries]) {
      const steps = queryPlan(sql.text)
      expect(steps.filter((step) => step.startsWith('SCAN'))).toEqual([])
      expect(steps.filter((step) => step.includes('TEMP B-TREE'))).toEqual([])
    }
  })

  test('the one that was settled first is one seek', () => {
    expect(queryPlan(webhookSql.oldestSettled)).toEqual([
      'SEARCH deliveries USING COVERING INDEX deliveries_by_settlement (settled_at>?)',
    ])
  })

  test('a page of deliveries follows its index', () => {
    const steps = queryPlan(webhookSql.deliveries)
    expect(steps.filter((step) => step.startsWith('SCAN') || step.includes('TEMP B-TREE'))).toEqual([])
  })
})
