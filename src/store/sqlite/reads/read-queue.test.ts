import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { migrate } from '../migrate.ts'
import { queueSql } from './read-queue.ts'

// The cost of a look at the queue does not grow with the queue because each statement is a seek in a partial index that has
// the order it wants. The plan says so; a measured time would only say how fast this machine is.

function plan(sql: string): string[] {
  using database = new DatabaseSync(':memory:')
  migrate(database)
  return database
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all()
    .map(({ detail }) => String(detail))
}

describe('the queue', () => {
  test('finds the next lane by one seek past the whole lane before it', () => {
    expect(plan(queueSql.nextLane)).toEqual([
      'SEARCH runs USING COVERING INDEX runs_by_lane ((place,priority,owner_id,agent_id)>(?,?,?,?))',
    ])
  })

  test('finds the head of a lane by one seek, without sorting', () => {
    expect(plan(queueSql.lane)).toEqual([
      'SEARCH runs USING INDEX runs_by_lane (place=? AND priority=? AND owner_id=? AND agent_id=? AND start_at<?)',
      'SEARCH tasks USING INTEGER PRIMARY KEY (rowid=?)',
    ])
  })

  test('finds the next due run and the overdue ones by one seek, without sorting', () => {
    expect(plan(queueSql.nextNotBefore)).toEqual(['SEARCH runs USING COVERING INDEX runs_by_not_before (not_before>?)'])
    expect(plan(queueSql.overdue)).toEqual(['SEARCH runs USING INDEX runs_by_overdue (overdue_at<?)'])
  })
})
