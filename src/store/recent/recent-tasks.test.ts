import { expect, test } from 'vitest'
import {
  claimed,
  continuation,
  nextTurn,
  oneStepRun,
  type SampleTask,
  sampleTask,
  stepStarted,
  submission,
} from '../../../test/support/sample-tasks.ts'
import { append, type Commit, type Write } from '../commit.ts'
import { createRecentTasks } from './recent-tasks.ts'

/** Recent tasks that hold this one, as the store numbered it. `commit` applies a commit that ends at this seq. */
function openRecent(sample: SampleTask) {
  const recent = createRecentTasks()
  const { id } = sample.task
  recent.apply(submission(sample), { committed: true, lastSeq: { [id]: 3 }, numbers: { [id]: 7 } })
  return {
    get: () => recent.get(id),
    commit: (commit: Commit, lastSeq: number) =>
      recent.apply(commit, { committed: true, lastSeq: { [id]: lastSeq }, numbers: {} }),
  }
}

test('a submitted task is shown with the number and the seq that the store assigned', () => {
  const sample = sampleTask()
  expect(openRecent(sample).get()).toEqual({ task: { ...sample.task, number: 7, lastSeq: 3 }, run: sample.run })
})

test('every commit of a task moves it as its events say, and its ledger once', () => {
  const sample = sampleTask()
  const { get, commit } = openRecent(sample)
  const claim = continuation(sample, [claimed(sample.run.id, 1)])
  const step = continuation(claim.after, [stepStarted(sample.run.id, 1, 1)])
  const end = oneStepRun(step.after)
  for (const [{ commit: made, after }, lastSeq] of [
    [claim, 4],
    [step, 5],
    [end, 8],
  ] as const) {
    commit(made, lastSeq)
    expect(get()).toEqual({ task: { ...after.task, number: 7, lastSeq }, run: after.run })
  }
})

test('a further run brings the data that its dialect froze with it', () => {
  const sample = sampleTask()
  const { get, commit } = openRecent(sample)
  const claim = continuation(sample, [claimed(sample.run.id, 1)])
  commit(claim.commit, 4)
  const end = oneStepRun(claim.after)
  commit(end.commit, 7)
  const { commit: made, after } = nextTurn(end.after)
  const run = { ...after.run, config: { ...after.run.config, extension: { thread: 't' } } }
  commit({ write: made.write.map((write) => (write.kind === 'insert_run' ? { ...write, run } : write)) }, 8)
  expect(get()).toEqual({ task: { ...after.task, number: 7, lastSeq: 8 }, run })
})

test('a new title, visibility and metadata are shown, and nothing else changes', () => {
  const sample = sampleTask()
  const { get, commit } = openRecent(sample)
  const shown = { title: 'new', visibility: 'public', metadata: { ticket: 'A-1' } } as const
  commit({ write: [{ kind: 'save_task', task: sample.task.id, ...shown }] }, 3)
  expect(get()).toEqual({ task: { ...sample.task, ...shown, number: 7, lastSeq: 3 }, run: sample.run })
})

const { task, run } = sampleTask({ id: 'task-1' })
const withoutEvent: readonly Write[] = [
  { kind: 'save_run', run },
  { kind: 'insert_run', run },
  { kind: 'request_stop', task: task.id, run: run.id, at: 1 },
  { kind: 'save_manifest', task: task.id, manifest: 'm' },
  { kind: 'save_keeping', task: task.id, purgeAt: 1, purgedAt: null, hold: null },
  { kind: 'purge_contents', task: task.id },
]

test.each(withoutEvent.map((write) => [write.kind, write] as const))(
  '%s without an event of the task makes the store answer from then on',
  (_, write) => {
    const sample = sampleTask({ id: 'task-1' })
    const { get, commit } = openRecent(sample)
    // An event of another task does not count.
    commit({ write: [append('task-2', [claimed('run-2', 1)]), write] }, 3)
    expect(get()).toBeUndefined()
    commit(continuation(sample, [claimed(sample.run.id, 1)]).commit, 4)
    expect(get()).toBeUndefined()
  },
)

test('a task that another process submitted is not remembered, whatever is committed to it', () => {
  const recent = createRecentTasks()
  const sample = sampleTask()
  const { commit } = continuation(sample, [claimed(sample.run.id, 1)])
  recent.apply(commit, { committed: true, lastSeq: { [sample.task.id]: 4 }, numbers: {} })
  expect(recent.get(sample.task.id)).toBeUndefined()
})

test('of very many tasks those that changed last are remembered', () => {
  const recent = createRecentTasks()
  const samples = Array.from({ length: 3_000 }, () => sampleTask())
  for (const sample of samples) {
    const { id } = sample.task
    recent.apply(submission(sample), { committed: true, lastSeq: { [id]: 3 }, numbers: { [id]: 1 } })
  }
  const isRemembered = (index: number) => recent.get(samples[index]?.task.id ?? '') !== undefined
  expect([0, 999, 2_000, 2_999].map(isRemembered)).toEqual([false, false, true, true])
})
