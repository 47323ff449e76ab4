import type { DatabaseSync } from 'node:sqlite'
import type { Lane, QueuedRun, Store } from '../../store.ts'
import { integer, type Row, readColumn, text } from '../columns.ts'
import { place } from '../tables/runs.ts'

type QueueReads = Pick<Store, 'listLanes' | 'readLane' | 'nextNotBefore' | 'listOverdue'>

/** The SQL is exported so that a test can read the query plan of each. */
export const queueSql = {
  /** The next lane in the index, with the instant at which its first run can start. */
  nextLane: `SELECT place, priority, owner_id, agent_id, start_at FROM runs
    WHERE state = 'queued' AND (place, priority, owner_id, agent_id) > (:place, :priority, :ownerId, :agentId)
    ORDER BY place, priority, owner_id, agent_id, start_at LIMIT 1`,
  lane: `SELECT runs.id, place, priority, runs.owner_id, runs.agent_id, start_at, tasks.id AS task_id
    FROM runs CROSS JOIN tasks ON tasks.number = runs.task
    WHERE runs.state = 'queued' AND place = :place AND priority = :priority AND runs.owner_id = :ownerId
      AND runs.agent_id = :agentId AND start_at <= :now
    ORDER BY start_at LIMIT :limit`,
  nextNotBefore: `SELECT not_before FROM runs WHERE state = 'queued' AND not_before > ? ORDER BY not_before LIMIT 1`,
  overdue: `SELECT id FROM runs WHERE state = 'queued' AND overdue_at <= ? ORDER BY overdue_at LIMIT ?`,
} as const

/** Reads of the queue. Each is one seek in an index, or one seek for each lane. */
export function createQueueReads(database: DatabaseSync): QueueReads {
  const nextLane = database.prepare(queueSql.nextLane)
  const readLane = database.prepare(queueSql.lane)
  const nextNotBefore = database.prepare(queueSql.nextNotBefore)
  const overdue = database.prepare(queueSql.overdue)
  return {
    async listLanes(now) {
      const lanes: Lane[] = []
      let row = nextLane.get({ place: '', priority: 0, ownerId: '', agentId: '' })
      while (row !== undefined) {
        const lane = laneOf(row)
        if (readColumn(row, 'start_at', integer) <= now) lanes.push(lane)
        row = nextLane.get(lane)
      }
      return lanes
    },
    async readLane({ place, priority, ownerId, agentId }, now, limit) {
      return readLane.all({ place, priority, ownerId, agentId, now, limit }).map(queuedRunOf)
    },
    async nextNotBefore(now) {
      const row = nextNotBefore.get(now)
      return row === undefined ? undefined : readColumn(row, 'not_before', integer)
    },
    listOverdue: async (now, limit) => overdue.all(now, limit).map((row) => readColumn(row, 'id', text)),
  }
}

function laneOf(row: Row) {
  return {
    place: readColumn(row, 'place', place),
    priority: readColumn(row, 'priority', integer),
    ownerId: readColumn(row, 'owner_id', text),
    agentId: readColumn(row, 'agent_id', text),
  } satisfies Lane
}

function queuedRunOf(row: Row): QueuedRun {
  return {
    ...laneOf(row),
    runId: readColumn(row, 'id', text),
    taskId: readColumn(row, 'task_id', text),
    queuedAt: readColumn(row, 'start_at', integer),
  }
}
