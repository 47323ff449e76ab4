import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApply, growingScans, openMigratedDatabase } from '../../../../test/support/migrated-database.ts'
import {
  claimed,
  continuation,
  nextTurn,
  oneStepRun,
  type SampleTask,
  sampleTask,
  submission,
} from '../../../../test/support/sample-tasks.ts'
import { append, type Commit } from '../../commit.ts'
import { advanceSql, keepingSql, taskWriteSql } from './tasks.ts'

let database: DatabaseSync
let apply: (commit: Commit) => unknown
beforeEach(() => {
  database = openMigratedDatabase()
  apply = createApply(database)
})
afterEach(() => database.close())

const rows = (sql: string) => database.prepare(sql).all()

/** Submits a task and runs it to its end. Answers with its rows at that point. */
function runToEnd(sample: SampleTask) {
  apply(submission(sample))
  const claim = continuation(sample, [claimed(sample.run.id, 1)])
  apply(claim.commit)
  const end = oneStepRun(claim.after)
  apply(end.commit)
  return end.after
}

test('no write of a task, its runs or its contents scans what grows', () => {
  for (const { text } of [...Object.values(advanceSql), ...Object.values(taskWriteSql), ...Object.values(keepingSql)]) {
    expect(growingScans(text)).toEqual([])
  }
})

test('a run that is not the latest one of its task changes neither the shown state nor how long contents are kept', () => {
  const first = runToEnd(sampleTask())
  const second = nextTurn(first)
  apply(second.commit)
  const shown = 'SELECT run_id, state, purge_at FROM tasks'
  expect(rows(shown)).toEqual([{ run_id: second.after.run.id, state: 'queued', purge_at: null }])
  apply({ write: [{ kind: 'save_run', run: first.run }] })
  apply({ write: [{ kind: 'save_run', run: first.run }, append(first.task.id, [claimed(first.run.id, 1)])] })
  expect(rows(shown)).toEqual([{ run_id: second.after.run.id, state: 'queued', purge_at: null }])
})

test('an ended run that is saved again is counted once', () => {
  const { run } = runToEnd(sampleTask())
  apply({ write: [{ kind: 'save_run', run }] })
  expect(rows('SELECT runs, steps, cost_micros_usd FROM usage_days')).toEqual([
    { runs: 1, steps: run.steps, cost_micros_usd: run.costMicrosUsd },
  ])
})

test('a new title leaves nothing of the former one in the details, and nothing of the extension is lost', () => {
  const { task } = runToEnd(
    sampleTask({ text: 'the former title', extension: { chat: 'c', private: { name: 'Ada' } } }),
  )
  const { id, visibility } = task
  apply({ write: [{ kind: 'save_task', task: id, title: 'new', visibility, metadata: { ticket: 'A-1' } }] })
  expect(rows('SELECT title, metadata, extension, private FROM details WHERE title IS NOT NULL')).toEqual([
    { title: 'new', metadata: '{"ticket":"A-1"}', extension: '{"chat":"c"}', private: '{"name":"Ada"}' },
  ])
  expect(rows('SELECT title FROM details').filter(({ title }) => title === 'the former title')).toEqual([])
})

test('a purge empties every private row of its task, and no row of another', () => {
  const options = { extension: { private: { name: 'Ada' } }, runExtension: { name: 'Ada' }, metadata: { name: 'Ada' } }
  const [purged, kept] = [sampleTask(options), sampleTask(options)]
  runToEnd(purged)
  const privateRows = () => [
    ...rows(`SELECT body FROM contents WHERE body <> ''`),
    ...rows('SELECT title, metadata, private FROM details WHERE coalesce(title, metadata, private) IS NOT NULL'),
  ]
  apply({ write: [{ kind: 'purge_contents', task: purged.task.id }] })
  expect(privateRows()).toEqual([])
  runToEnd(kept)
  const before = privateRows()
  expect(before.length).toBeGreaterThan(4)
  apply({ write: [{ kind: 'purge_contents', task: purged.task.id }] })
  expect(privateRows()).toEqual(before)
})
