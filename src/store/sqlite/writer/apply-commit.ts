import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Call, EncodedCommit, EncodedRow, EncodedTask, Reply } from './encoded-commit.ts'
import type { AdvanceName, WriteName, WriterSql } from './writer-sql.ts'

/** Writes to a row that must exist. Where none was changed, the commit is a defect. */
const changesOne = new Set<WriteName>([
  'saveRun',
  'requestStop',
  'showNewRun',
  'saveManifest',
  'saveTask',
  'saveAgent',
  'saveUser',
  'saveTeam',
  'saveKey',
  'saveShare',
  'saveEndpoint',
  'saveDelivery',
  'moveLedger',
  'saveKeeping',
  'purgeTask',
  'closeRun',
  'addStatement',
])

/**
 * Applies one commit inside the open transaction. All requirements are checked before the first write, so that a
 * refused commit has written nothing. Throws where the commit is a defect or the disk fails; some rows may then be
 * written, and the caller rolls them back.
 */
export function createApplyCommit(database: DatabaseSync, sql: WriterSql): (commit: EncodedCommit) => Reply {
  const requirements = prepareAll(database, sql.requirements)
  const writes = prepareAll(database, sql.writes)
  const applyTask = createApplyTask(database, sql)
  const insertDelivery = database.prepare(sql.insertDelivery)
  return (commit) => {
    for (const [index, [name, ...parameters]] of commit.checks.entries()) {
      if (requirements[name].get(...parameters) === undefined) return index
    }
    const assigned: number[] = []
    for (const task of commit.tasks) applyTask(task, assigned)
    for (const [name, ...parameters] of commit.calls) {
      const { changes, lastInsertRowid } = writes[name].run(...parameters)
      if (changes === 0 && changesOne.has(name)) throw new Error(`${name} found no row.`)
      if (name === 'insertAgent') assigned.push(Number(lastInsertRowid))
    }
    // Deliveries come last, since their endpoint may be new too.
    for (const [task, event, ...parameters] of commit.deliveries ?? []) {
      const [number, lastSeq] = assigned.slice(2 * task, 2 * task + 2)
      const appended = commit.tasks[task]?.eventCount
      if (number === undefined || lastSeq === undefined || appended === undefined || event >= appended) {
        throw new Error('A delivery is of an event that the commit does not append.')
      }
      insertDelivery.run(number, lastSeq - appended + 1 + event, ...parameters)
    }
    return assigned
  }
}

function createApplyTask(database: DatabaseSync, sql: WriterSql): (task: EncodedTask, assigned: number[]) => void {
  const { insertDetails, insertTask, findTask, insertRun, insertEvents, insertContent } = prepareAll(database, sql.task)
  const detailsRow = ({ details }: EncodedRow) =>
    details === null ? null : insertDetails.run(...details).lastInsertRowid
  const advances = prepareAll(database, sql.advances)
  const advanceRow = ([name, ...parameters]: Call<AdvanceName>) => advances[name].get(...parameters)
  const open = ({ id, insert, advance, eventCount }: EncodedTask): { number: number; lastSeq: number } => {
    if (insert !== null) {
      const { lastInsertRowid } = insertTask.run(detailsRow(insert), eventCount, ...insert.row)
      return { number: Number(lastInsertRowid), lastSeq: eventCount }
    }
    const row = advance === null ? findTask.get(id) : advanceRow(advance)
    if (row === undefined) throw new Error(`Task ${id} is not there.`)
    return { number: Number(row['number']), lastSeq: Number(row['last_seq']) }
  }
  return (task, assigned) => {
    const { number, lastSeq } = open(task)
    for (const run of task.runs) insertRun.run(number, detailsRow(run), ...run.row)
    if (task.events !== null) insertEvents.run(number, lastSeq, task.events)
    for (const content of task.contents) insertContent.run(number, ...content)
    assigned.push(number, lastSeq)
  }
}

function prepareAll<Name extends string>(
  database: DatabaseSync,
  sql: Readonly<Record<Name, string>>,
): Record<Name, StatementSync> {
  const entries = Object.entries<string>(sql).map(([name, text]) => [name, database.prepare(text)])
  return Object.fromEntries(entries)
}
