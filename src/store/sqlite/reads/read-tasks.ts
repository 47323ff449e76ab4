import type { DatabaseSync } from 'node:sqlite'
import type { Content, Digest } from '../../../domain/content.ts'
import type { JournalEvent } from '../../../domain/event.ts'
import type { Store } from '../../store.ts'
import { digest as digestColumn, readColumn, text } from '../columns.ts'
import { contents, readBatch } from '../tables/journals.ts'
import { runs } from '../tables/runs.ts'
import { tasks } from '../tables/tasks.ts'
import { taskWithDetails } from './list-owned.ts'

type TaskReads = Pick<
  Store,
  | 'readTask'
  | 'readTaskByNumber'
  | 'readSnapshot'
  | 'readRun'
  | 'listRuns'
  | 'readEvents'
  | 'readContents'
  | 'listRunsInState'
  | 'countTasks'
>

const runColumns = 'runs.*, tasks.id AS task_id, details.private'
const runDetails = 'LEFT JOIN details ON details.row = runs.details_row'
const sql = {
  task: `${taskWithDetails} WHERE id = ?`,
  taskByNumber: `${taskWithDetails} WHERE number = ?`,
  run: `SELECT ${runColumns} FROM runs CROSS JOIN tasks ON tasks.number = runs.task ${runDetails} WHERE runs.id = ?`,
  runsOfTask: `SELECT ${runColumns} FROM tasks CROSS JOIN runs ON runs.task = tasks.number ${runDetails}
    WHERE tasks.id = ? ORDER BY runs.turn`,
  events: `SELECT last_seq, batch FROM events WHERE task = (SELECT number FROM tasks WHERE id = :task) AND last_seq > :after
    ORDER BY last_seq`,
  content: `SELECT digest, salt, media_type, sealed, body FROM contents
    WHERE substr(digest, 1, 5) = substr(unhex(?1), 1, 5) AND digest = unhex(?1) LIMIT 1`,
  // The condition is repeated because a partial index is used only where the query has it too.
  openRunsInState: `SELECT id FROM runs WHERE state = ? AND state IN ('queued', 'running', 'waiting', 'paused')
    ORDER BY queued_at LIMIT ?`,
  endedRunsInState: 'SELECT id FROM runs WHERE state = ? ORDER BY queued_at LIMIT ?',
  countTasks: 'SELECT count(*) AS total FROM tasks WHERE agent_id = ?',
  // A task has at most one run that has not ended.
  countOpenRuns: `SELECT count(*) AS active FROM runs
    WHERE agent_id = ? AND state IN ('queued', 'running', 'waiting', 'paused')`,
} as const

/** Reads of tasks, runs, journals and contents. */
export function createTaskReads(database: DatabaseSync): TaskReads {
  const readTask = database.prepare(sql.task)
  const readTaskByNumber = database.prepare(sql.taskByNumber)
  const readRun = database.prepare(sql.run)
  const runsOfTask = database.prepare(sql.runsOfTask)
  const events = database.prepare(sql.events)
  const content = database.prepare(sql.content)
  const openRunsInState = database.prepare(sql.openRunsInState)
  const endedRunsInState = database.prepare(sql.endedRunsInState)
  const countTasks = database.prepare(sql.countTasks)
  const countOpenRuns = database.prepare(sql.countOpenRuns)
  const begin = database.prepare('BEGIN')
  const end = database.prepare('COMMIT')
  return {
    readTask: async (id) => mapRow(readTask.get(id), tasks.read),
    readTaskByNumber: async (number) => mapRow(readTaskByNumber.get(number), tasks.read),
    async readSnapshot(taskId) {
      begin.run() // The transaction reads both rows as of one instant.
      try {
        const task = mapRow(readTask.get(taskId), tasks.read)
        const run = task === undefined ? undefined : mapRow(readRun.get(task.runId), runs.read)
        return task === undefined || run === undefined ? undefined : { task, run }
      } finally {
        end.run()
      }
    },
    readRun: async (id) => mapRow(readRun.get(id), runs.read),
    listRuns: async (taskId) => runsOfTask.all(taskId).map(runs.read),
    async readEvents(taskId, after, limit) {
      const found: JournalEvent[] = []
      for (const row of events.iterate({ task: taskId, after })) {
        found.push(...readBatch(row).filter(({ seq }) => seq > after))
        if (found.length >= limit) break
      }
      return found.slice(0, limit)
    },
    async readContents(digests) {
      const found = new Map<Digest, Content>()
      for (const digest of digests) {
        const row = content.get(digestColumn.write(digest))
        if (row !== undefined) found.set(digest, contents.read(row))
      }
      return found
    },
    async listRunsInState(state, limit) {
      const open = state === 'queued' || state === 'running' || state === 'waiting' || state === 'paused'
      return (open ? openRunsInState : endedRunsInState).all(state, limit).map((row) => readColumn(row, 'id', text))
    },
    async countTasks(agentId) {
      const total = Number(countTasks.get(agentId)?.['total'] ?? 0)
      return { total, active: Number(countOpenRuns.get(agentId)?.['active'] ?? 0) }
    },
  }
}

function mapRow<In, Out>(row: In | undefined, convert: (row: In) => Out): Out | undefined {
  return row === undefined ? undefined : convert(row)
}
