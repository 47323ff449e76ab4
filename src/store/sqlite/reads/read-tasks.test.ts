import type { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApply, openMigratedDatabase } from '../../../../test/support/migrated-database.ts'
import {
  claimed,
  continuation,
  nextTurn,
  oneStepRun,
  sampleAt,
  sampleContent,
  sampleTask,
  stepStarted,
  submission,
} from '../../../../test/support/sample-tasks.ts'
import { append, type Commit, putContents } from '../../commit.ts'
import { createTaskReads } from './read-tasks.ts'

let database: DatabaseSync
let apply: (commit: Commit) => unknown
beforeEach(() => {
  database = openMigratedDatabase()
  apply = createApply(database)
})
afterEach(() => database.close())

test('a journal is read from any seq and up to any limit, however its commits divided it', async () => {
  const { readEvents } = createTaskReads(database)
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 }),
      fc.nat(16),
      fc.integer({ min: 1, max: 16 }),
      async (counts, after, limit) => {
        const { task, run, ...sample } = sampleTask()
        apply(submission({ task, run, ...sample }))
        const later = counts.map((count) =>
          Array.from({ length: count }, (_, step) => stepStarted(run.id, 1, step, sampleAt + count)),
        )
        for (const events of later) apply({ write: [append(task.id, events)] })
        const all = [...sample.events, ...later.flat()].map((event, index) => ({ seq: index + 1, ...event }))
        expect(await readEvents(task.id, after, limit)).toEqual(all.slice(after, after + limit))
      },
    ),
  )
})

test('contents whose digests begin alike are told apart', async () => {
  const [first, second] = ['00', '01'].map((end) => ({
    ...sampleContent(end),
    digest: `sha256:${'5a'.repeat(31)}${end}`,
  }))
  if (first === undefined || second === undefined) throw new Error('There are two.')
  apply({ write: [putContents(null, [first, second])] })
  const { readContents } = createTaskReads(database)
  const absent = `sha256:${'5a'.repeat(31)}02`
  expect(await readContents([second.digest, absent, first.digest])).toEqual(
    new Map([
      [second.digest, second],
      [first.digest, first],
    ]),
  )
})

test('a snapshot shows the latest run, and leaves no transaction open, also where there is no task', async () => {
  const sample = sampleTask()
  apply(submission(sample))
  const claim = continuation(sample, [claimed(sample.run.id, 1)])
  apply(claim.commit)
  const end = oneStepRun(claim.after)
  apply(end.commit)
  const next = nextTurn(end.after)
  apply(next.commit)
  const { readSnapshot, listRuns } = createTaskReads(database)
  expect(await readSnapshot('no-such-task')).toBeUndefined()
  expect(database.isTransaction).toBe(false)
  const snapshot = await readSnapshot(sample.task.id)
  expect(snapshot?.run).toEqual(next.after.run)
  expect(snapshot?.task).toMatchObject({ runId: next.after.run.id, state: 'queued', lastSeq: 8 })
  expect(database.isTransaction).toBe(false)
  expect((await listRuns(sample.task.id)).map(({ turn, state }) => [turn, state])).toEqual([
    [1, 'succeeded'],
    [2, 'queued'],
  ])
})

test('a snapshot whose row has no meaning is a defect, and leaves no transaction open', async () => {
  const sample = sampleTask()
  apply(submission(sample))
  database.exec("UPDATE tasks SET state = 'lost'")
  const { readSnapshot } = createTaskReads(database)
  await expect(readSnapshot(sample.task.id)).rejects.toThrow('state has no meaning here: lost.')
  expect(database.isTransaction).toBe(false)
})

test('runs are listed by state in the order in which they were queued, ended ones too', async () => {
  const later = sampleTask({ at: sampleAt + 2 })
  const sooner = sampleTask({ at: sampleAt + 1 })
  const running = sampleTask()
  for (const sample of [later, sooner, running]) apply(submission(sample))
  const claim = continuation(running, [claimed(running.run.id, 1)])
  apply(claim.commit)
  const { listRunsInState, countTasks } = createTaskReads(database)
  expect(await listRunsInState('queued', 10)).toEqual([sooner.run.id, later.run.id])
  expect(await listRunsInState('queued', 1)).toEqual([sooner.run.id])
  expect(await countTasks('agent-1')).toEqual({ total: 3, active: 3 })
  apply(oneStepRun(claim.after).commit)
  expect(await listRunsInState('succeeded', 10)).toEqual([running.run.id])
  expect(await listRunsInState('running', 10)).toEqual([])
  expect(await countTasks('agent-1')).toEqual({ total: 3, active: 2 })
})
