import type { DatabaseSync } from 'node:sqlite'
import type { Lane, Store } from '../store.ts'
import { integer, text } from './columns.ts'
import { placeOf, queuedRunOf } from './rows.ts'

type QueueReads = Pick<Store, 'listLanes' | 'readLane' | 'nextNotBefore' | 'listOverdue'>

/** Exported so that a test can look at how the database means to carry them out. */
export const queueSql = {
  /** The lane after this one in the index, with the instant at which its first run can start. */
  nextLane: `SELECT place, priority, owner_id, agent_id, start_at FROM runs
    WHERE state = 'queued' AND (place, priority, owner_id, agent_id) > (?, ?, ?, ?)
    ORDER BY place, priority, owner_id, agent_id, start_at LIMIT 1`,
  lane: `SELECT runs.id, place, priority, runs.owner_id, runs.agent_id, start_at, tasks.id AS task_id
    FROM runs CROSS JOIN tasks ON tasks.number = runs.task
    WHERE runs.state = 'queued' AND place = ? AND priority = ? AND runs.owner_id = ? AND runs.agent_id = ? AND start_at <= ?
    ORDER BY start_at LIMIT ?`,
  nextNotBefore: `SELECT not_before FROM runs WHERE state = 'queued' AND not_before > ? ORDER BY not_before LIMIT 1`,
  overdue: `SELECT id FROM runs WHERE state = 'queued' AND overdue_at <= ? ORDER BY overdue_at LIMIT ?`,
} as const

/** Reads of the queue. Each is a seek in an index, or one seek for each lane. */
export function createQueueReads(database: DatabaseSync): QueueReads {
  const nextLane = database.prepare(queueSql.nextLane)
  const readLane = database.prepare(queueSql.lane)
  const nextNotBefore = database.prepare(queueSql.nextNotBefore)
  const overdue = database.prepare(queueSql.overdue)
  return {
    async listLanes(now) {
      const lanes: Lane[] = []
      let row = nextLane.get('', 0, '', '')
      while (row !== undefined) {
        const lane = {
          place: placeOf(row),
          priority: integer(row, 'priority'),
          ownerId: text(row, 'owner_id'),
          agentId: text(row, 'agent_id'),
        }
        if (integer(row, 'start_at') <= now) lanes.push(lane)
        row = nextLane.get(lane.place, lane.priority, lane.ownerId, lane.agentId)
      }
      return lanes
    },
    async readLane({ place, priority, ownerId, agentId }, now, limit) {
      return readLane.all(place, priority, ownerId, agentId, now, limit).map(queuedRunOf)
    },
    async nextNotBefore(now) {
      const row = nextNotBefore.get(now)
      return row === undefined ? undefined : integer(row, 'not_before')
    },
    listOverdue: async (now, limit) => overdue.all(now, limit).map((row) => text(row, 'id')),
  }
}
