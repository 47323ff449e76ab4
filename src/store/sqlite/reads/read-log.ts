import type { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { statementKinds } from '../../../domain/statement.ts'
import type { LoggedStatement, Store } from '../../store.ts'
import { digest as digestColumn, hex, integer, oneOf, readColumn, text } from '../columns.ts'
import { logHeads, readStatement } from '../tables/log.ts'

type LogReads = Pick<
  Store,
  | 'listStatements'
  | 'readStatement'
  | 'listUnownedStatements'
  | 'countStatements'
  | 'listUnclosedRuns'
  | 'readLog'
  | 'readLogHead'
  | 'listLeaves'
  | 'readLogNodes'
>

/** The number of statements that are read in one turn of the event loop. */
const pageSize = 500

const kind = oneOf(statementKinds)
const logged = `SELECT statements.*, logs.log_id, logs.first_row, tasks.id AS task_id, runs.id AS run_id
  FROM statements JOIN logs ON logs.number = statements.log
    LEFT JOIN tasks ON tasks.number = statements.task LEFT JOIN runs ON runs.row = statements.run`

/** The SQL is exported so that a test can read the query plan of each. */
export const logSql = {
  ofTask: `${logged} WHERE statements.task = (SELECT number FROM tasks WHERE id = ?) AND statements.row > ?
    ORDER BY statements.row LIMIT ?`,
  ofRun: `${logged} WHERE statements.task = (SELECT number FROM tasks WHERE id = ?)
      AND statements.run = (SELECT row FROM runs WHERE id = ?) AND statements.row > ?
    ORDER BY statements.row LIMIT ?`,
  byDigest: `${logged} WHERE substr(statements.digest, 1, 5) = substr(unhex(?1), 1, 5) AND statements.digest = unhex(?1)
    ORDER BY statements.row LIMIT 1`,
  unowned: `${logged} WHERE statements.task IS NULL ORDER BY statements.row`,
  countByKind: `SELECT kind, count(*) AS count FROM statements
    WHERE task = (SELECT task FROM runs WHERE id = ?1) AND run = (SELECT row FROM runs WHERE id = ?1) GROUP BY kind`,
  unclosed: `SELECT runs.id, tasks.id AS task_id FROM runs CROSS JOIN tasks ON tasks.number = runs.task
    WHERE ended_at IS NOT NULL AND closed = 0 ORDER BY ended_at LIMIT ?`,
  newestLog: `SELECT log_id, (SELECT ifnull(max(row), 0) FROM statements) + 1 - first_row AS size FROM logs
    ORDER BY number DESC LIMIT 1`,
  head: 'SELECT log_heads.*, logs.log_id FROM logs JOIN log_heads ON log_heads.log = logs.number WHERE log_id = ?',
  /** The rows of a log, from its first up to, but not including, the first row of the next log. */
  log: `SELECT number, first_row, ifnull((SELECT min(first_row) FROM logs AS later WHERE later.number > logs.number),
      (SELECT ifnull(max(row), 0) + 1 FROM statements)) AS end_row
    FROM logs WHERE log_id = ?`,
  leaves: 'SELECT leaf FROM statements WHERE row >= ? AND row < ? ORDER BY row LIMIT ?',
  node: 'SELECT hash FROM log_nodes WHERE log = ? AND level = ? AND place = ?',
} as const

/** Reads of statements and of the log whose leaves they are. */
export function createLogReads(database: DatabaseSync): LogReads {
  const ofTask = database.prepare(logSql.ofTask)
  const ofRun = database.prepare(logSql.ofRun)
  const byDigest = database.prepare(logSql.byDigest)
  const unowned = database.prepare(logSql.unowned)
  const countByKind = database.prepare(logSql.countByKind)
  const unclosed = database.prepare(logSql.unclosed)
  const newestLog = database.prepare(logSql.newestLog)
  const head = database.prepare(logSql.head)
  const readLog = database.prepare(logSql.log)
  const leaves = database.prepare(logSql.leaves)
  const node = database.prepare(logSql.node)
  const log = (logId: string) => {
    const row = readLog.get(logId)
    if (row === undefined) return undefined
    return {
      number: readColumn(row, 'number', integer),
      first: readColumn(row, 'first_row', integer),
      end: readColumn(row, 'end_row', integer),
    }
  }
  return {
    async listStatements(taskId, runId) {
      const statements: LoggedStatement[] = []
      for (let after = 0; ; ) {
        const rows =
          runId === undefined ? ofTask.all(taskId, after, pageSize) : ofRun.all(taskId, runId, after, pageSize)
        statements.push(...rows.map(readStatement))
        const last = rows.at(-1)
        if (last === undefined || rows.length < pageSize) return statements
        after = readColumn(last, 'row', integer)
        // A long task has tens of thousands of them. Rows are only ever appended, so that the pages are one list.
        await setImmediate()
      }
    },
    readStatement: async (digest) => byDigest.all(digestColumn.write(digest)).map(readStatement)[0],
    listUnownedStatements: async () => unowned.all().map(readStatement),
    async countStatements(runId) {
      const rows = countByKind.all(runId)
      return Object.fromEntries(rows.map((row) => [readColumn(row, 'kind', kind), readColumn(row, 'count', integer)]))
    },
    async listUnclosedRuns(limit) {
      return unclosed
        .all(limit)
        .map((row) => ({ taskId: readColumn(row, 'task_id', text), runId: readColumn(row, 'id', text) }))
    },
    async readLog() {
      const row = newestLog.get()
      return row === undefined
        ? undefined
        : { logId: readColumn(row, 'log_id', text), size: readColumn(row, 'size', integer) }
    },
    readLogHead: async (logId) => head.all(logId).map(logHeads.read)[0],
    async listLeaves(logId, from, limit) {
      const rows = log(logId)
      if (rows === undefined) return []
      return leaves.all(rows.first + from, rows.end, limit).map((row) => readColumn(row, 'leaf', hex))
    },
    async readLogNodes(logId, nodes) {
      const rows = log(logId)
      return nodes.map(({ level, index }) => {
        if (rows === undefined) return undefined
        if (level > 0) return node.all(rows.number, level, index).map((row) => readColumn(row, 'hash', hex))[0]
        return leaves.all(rows.first + index, rows.end, 1).map((row) => readColumn(row, 'leaf', hex))[0]
      })
    },
  }
}
