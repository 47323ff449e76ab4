import { expect, test } from 'vitest'
import { sampleTask } from '../../test/support/sample-tasks.ts'
import type { NewEvent } from '../domain/event.ts'
import type { Commit, CommitOutcome } from '../store/commit.ts'
import { commitEvents, recordAndCommit } from './commit-events.ts'
import { recordEvents } from './record-events.ts'

const sample = sampleTask()
const { task, run } = sample
const claimed: NewEvent = { kind: 'run.claimed', run: run.id, attempt: 1, at: 5, facts: { attempt: 1 }, contents: {} }

/** What was done, in order. */
function world(answer: (commit: Commit) => CommitOutcome) {
  const done: string[] = []
  const commits: Commit[] = []
  return {
    done,
    commits,
    outbox: { promise: () => [] },
    store: {
      async commit(commit: Commit) {
        commits.push(commit)
        done.push('committing')
        await Promise.resolve()
        done.push('committed')
        return answer(commit)
      },
    },
    wakeup: { hint: (id: string) => done.push(`woken ${id}`), listen: () => () => undefined },
    attempts: { notifyNewEvents: (id: string) => done.push(`notified ${id}`) },
  }
}

const accepted = (): CommitOutcome => ({ committed: true, lastSeq: { [task.id]: 9 }, numbers: { [task.id]: 4 } })

test('readers are woken and the running attempt is notified after the commit, never before', async () => {
  const deps = world(accepted)
  await recordAndCommit(deps, sample, [claimed])
  expect(deps.done).toEqual(['committing', 'committed', `woken ${task.id}`, `notified ${run.id}`])
})

test('a commit of events alone writes what they derive and requires nothing', async () => {
  const deps = world(accepted)
  const recorded = recordEvents(deps, sample, [claimed])
  await commitEvents(deps, [recorded])
  expect(deps.commits).toEqual([{ require: [], write: recorded.writes }])
})

test('a request that may be repeated is kept in the commit, with the first task and how many events it was given', async () => {
  const deps = world(accepted)
  const request = { ownerId: 'owner-1', key: 'key-1', requestDigest: 'sha256:1', createdAt: 5 }
  const other = sampleTask()
  const recorded = [recordEvents(deps, sample, [claimed]), recordEvents(deps, other, [claimed])]
  await commitEvents(deps, recorded, { request })
  expect(deps.commits[0]?.require).toEqual([{ name: 'absentIdempotencyKey', ownerId: 'owner-1', key: 'key-1' }])
  expect(deps.commits[0]?.write.at(-1)).toEqual({
    kind: 'remember_idempotency',
    request,
    outcome: { task: { id: task.id, events: 1 } },
  })
})

test('the attempt that writes is not notified of what it wrote itself', async () => {
  const deps = world(accepted)
  await recordAndCommit(deps, sample, [claimed], { author: run.id })
  expect(deps.done.at(-1)).toBe(`woken ${task.id}`)
})

test('the seq and the number of the snapshot are those that the store assigned', async () => {
  const after = await recordAndCommit(world(accepted), sample, [claimed])
  expect(after).toMatchObject({ task: { lastSeq: 9, number: 4 }, run: { state: 'running' } })
})

test('a requirement that does not hold is answered by name, and nobody is woken', async () => {
  const refused = { name: 'journalAt' as const, task: task.id, seq: 3 }
  const deps = world(() => ({ committed: false, refused }))
  expect(await commitEvents(deps, [recordEvents(deps, sample, [claimed])], { require: [refused] })).toEqual({
    committed: false,
    refused,
  })
  expect(await recordAndCommit(deps, sample, [claimed], { require: [refused] })).toBeUndefined()
  expect(deps.done).not.toContain(`woken ${task.id}`)
  expect(deps.commits[0]?.require).toEqual([refused])
})

test('several journals, statements and further writes are one commit', async () => {
  const deps = world(accepted)
  const other = sampleTask()
  const setting = { kind: 'put_setting' as const, name: 'a', value: 'b' }
  const outcome = await commitEvents(
    deps,
    [recordEvents(deps, sample, [claimed]), recordEvents(deps, other, [{ ...claimed, run: other.run.id }])],
    { statements: [{ digest: 'sha256:1' } as never], writes: [setting] },
  )
  expect(deps.commits).toHaveLength(1)
  const kinds = deps.commits[0]?.write.map(({ kind }) => kind)
  expect(kinds).toEqual(['add_statements', 'put_setting', 'append', 'save_run', 'append', 'save_run'])
  expect(outcome.committed && outcome.after.map((one) => one.task.id)).toEqual([task.id, other.task.id])
  expect(deps.done.filter((one) => one.startsWith('woken'))).toHaveLength(2)
})
