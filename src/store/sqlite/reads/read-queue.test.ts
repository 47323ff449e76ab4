import { describe, expect, test } from 'vitest'
import { queryPlan } from '../../../../test/support/migrated-database.ts'
import { queueSql } from './read-queue.ts'

// The cost of a look at the queue does not grow with the queue because each statement is a seek in a partial index that has
// the order it wants. The plan says so; a measured time would only say how fast this machine is.

describe('the queue', () => {
  test('finds the next lane by one seek past the whole lane before it', () => {
    expect(queryPlan(queueSql.nextLane)).toEqual([
      'SEARCH runs USING COVERING INDEX runs_by_lane ((place,priority,owner_id,agent_id)>(?,?,?,?))',
    ])
  })

  test('finds the head of a lane by one seek, without sorting', () => {
    expect(queryPlan(queueSql.lane)).toEqual([
      'SEARCH runs USING INDEX runs_by_lane (place=? AND priority=? AND owner_id=? AND agent_id=? AND start_at<?)',
      'SEARCH tasks USING INTEGER PRIMARY KEY (rowid=?)',
    ])
  })

  test('finds the next due run and the overdue ones by one seek, without sorting', () => {
    expect(queryPlan(queueSql.nextNotBefore)).toEqual([
      'SEARCH runs USING COVERING INDEX runs_by_not_before (not_before>?)',
    ])
    expect(queryPlan(queueSql.overdue)).toEqual(['SEARCH runs USING INDEX runs_by_overdue (overdue_at<?)'])
  })
})
