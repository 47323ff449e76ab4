import { expect, test } from 'vitest'
import { createApply, openMigratedDatabase } from '../../../../test/support/migrated-database.ts'
import {
  claimed,
  continuation,
  nextTurn,
  oneStepRun,
  type SampleTask,
  sampleTask,
  stepStarted,
  submission,
} from '../../../../test/support/sample-tasks.ts'
import type { NewEvent } from '../../../domain/event.ts'
import type { TaskSnapshot } from '../../../domain/evolve.ts'
import { ledgerMoveOf, noMove } from '../../../domain/ledger-moves.ts'
import { append, type Commit, type Write } from '../../commit.ts'
import { encodeCommit } from './encode-commit.ts'

const slice = { micros_usd: 40, tokens: 30, steps: 2 }

function transferred(run: string): NewEvent {
  return { kind: 'budget.transferred', run, attempt: null, at: 5, contents: {}, facts: { to: 'child', amounts: slice } }
}

/** The commits of a task that reserves, lends, ends and runs again. */
function lifeOf(sample: SampleTask): readonly Commit[] {
  const claim = continuation(sample, [claimed(sample.run.id, 1)])
  const step = continuation(claim.after, [stepStarted(sample.run.id, 1, 1)])
  const lent = continuation(step.after, [transferred(sample.run.id)])
  const end = oneStepRun(lent.after)
  const again = nextTurn(end.after)
  const claimedAgain = continuation(again.after, [claimed(again.after.run.id, 1)])
  return [claim, step, lent, end, again, claimedAgain].map(({ commit }) => commit)
}

/** The names of the SQL that a commit executes on the rows of its tasks. */
function namesOf(commit: Commit): string[] {
  const { tasks, calls } = encodeCommit(commit)
  const ofRows = calls.map(([name]) => name).filter((name) => !['saveRun', 'countRun'].includes(name))
  return [...tasks.flatMap(({ advance }) => advance?.[0] ?? []), ...ofRows]
}

const started = (): TaskSnapshot => {
  const sample = sampleTask()
  return continuation(sample, [claimed(sample.run.id, 1)]).after
}

test('a commit that saves one run and appends to its task changes the row of the task once', () => {
  const before = started()
  const { id } = before.run
  expect(namesOf(continuation(before, []).commit)).toEqual(['showRunState'])
  const paused: NewEvent = { kind: 'run.paused', run: id, attempt: null, at: 5, contents: {}, facts: {} }
  expect(namesOf(continuation(before, [paused]).commit)).toEqual(['advance'])
  expect(namesOf(continuation(before, [stepStarted(id, 1, 1)]).commit)).toEqual(['advanceAndMove'])
  expect(namesOf(oneStepRun(before).commit)).toEqual(['advanceToEnd'])
})

test('a move between tasks, and each of several moves, is a write of its own', () => {
  const before = started()
  const lends = continuation(before, [transferred(before.run.id)]).commit
  expect(namesOf(lends)).toEqual(['advance', 'moveLedger'])
  const moves = continuation(before, [stepStarted(before.run.id, 1, 1)]).commit
  const twice = moves.write.filter(({ kind }) => kind === 'move_ledger')
  expect(namesOf({ write: [...moves.write, ...twice] })).toEqual(['advance', 'moveLedger', 'moveLedger'])
})

test('the ledger of a new task is not moved again by the events of the same commit', () => {
  const sample = sampleTask()
  const moves = [stepStarted('run', 1, 1), transferred('run')].map((event) => ledgerMoveOf(event) ?? noMove)
  const write = moves.map((move): Write => ({ kind: 'move_ledger', task: sample.task.id, move }))
  expect(namesOf({ write: [...submission(sample).write, ...write] })).toEqual([])
})

test('a further run is shown by the row of its task, whatever else the commit appends', () => {
  expect(namesOf(nextTurn(oneStepRun(started()).after).commit)).toEqual(['advance', 'showNewRun'])
})

test('the rows are the same whether the writes of a commit are one change of the row or one each', () => {
  const sample = sampleTask()
  const [merged, single] = [openMigratedDatabase(), openMigratedDatabase()]
  using databases = new DisposableStack()
  for (const database of [merged, single]) {
    databases.use(database)
    createApply(database)(submission(sample))
  }
  const rowsOf = (database: typeof merged) =>
    ['tasks', 'runs', 'usage_days'].map((table) => database.prepare(`SELECT * FROM ${table}`).all())
  for (const { write } of lifeOf(sample)) {
    createApply(merged)({ write })
    for (const one of write) createApply(single)({ write: [one] })
    expect(rowsOf(single)).toEqual(rowsOf(merged))
  }
})

test('a commit that appends nothing holds no part of a task', () => {
  const { task, run } = started()
  const write: Write[] = [{ kind: 'request_stop', task: task.id, run: run.id, at: 5 }]
  expect(encodeCommit({ write })).toMatchObject({ tasks: [], calls: [['requestStop', 5, run.id]] })
})

test('events of several writes are one text in their order, and the row has the instant of the last', () => {
  const { task, run } = started()
  const [first, second, third] = [claimed(run.id, 2, 10), claimed(run.id, 3, 11), claimed(run.id, 4, 12)]
  const { tasks } = encodeCommit({ write: [append(task.id, [first]), append(task.id, [second, third])] })
  expect(tasks).toMatchObject([{ id: task.id, eventCount: 3 }])
  expect(JSON.parse(tasks[0]?.events ?? '')).toEqual([first, second, third])
  expect(tasks[0]?.advance?.slice(0, 3)).toEqual(['advance', 3, third.at])
})
