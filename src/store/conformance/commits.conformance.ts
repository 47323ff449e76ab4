import { describe, expect, test } from 'vitest'
import { sampleAgent, sampleKey, sampleUser } from '../../../test/support/sample-identities.ts'
import {
  claimed,
  continuation,
  nextTurn,
  oneStepRun,
  type SampleTask,
  sampleAt,
  sampleContent,
  sampleId,
  sampleTask,
  stepStarted,
  submission,
} from '../../../test/support/sample-tasks.ts'
import { isRefusal } from '../../domain/refusal.ts'
import * as commits from '../commit.ts'
import type { Store } from '../store.ts'
import type { WithStore } from './with-store.conformance.ts'

const { append, putContents } = commits

/** A submitted task whose first attempt is running. */
async function running(store: Store, sample: SampleTask = sampleTask()) {
  await store.commit(submission(sample))
  const { commit, after } = continuation(sample, [claimed(sample.run.id, 1)])
  await store.commit(commit)
  return after
}

/** Whether a commit with this requirement is taken; a refusal must name the requirement and leave nothing. */
async function holds(store: Store, requirement: commits.Requirement): Promise<boolean> {
  const before = await store.readSetting('holds')
  const write = [{ kind: 'put_setting', name: 'holds', value: sampleId() } as const]
  const outcome = await store.commit({ require: [requirement], write })
  if (outcome.committed) return true
  expect(outcome.refused).toBe(requirement)
  expect(await store.readSetting('holds')).toBe(before)
  return false
}

export function describeCommits(withStore: WithStore): void {
  describe('a requirement', () => {
    test(
      'currentAttempt holds for the attempt that is running, and for no other',
      withStore(async (store) => {
        const { run } = await running(store)
        expect(await holds(store, commits.currentAttempt(run.id, 1))).toBe(true)
        expect(await holds(store, commits.currentAttempt(run.id, 0))).toBe(false)
        expect(await holds(store, commits.currentAttempt(run.id, 2))).toBe(false)
        expect(await holds(store, commits.currentAttempt(sampleId(), 1))).toBe(false)
      }),
    )

    test(
      'currentAttempt no longer holds once the run was cancelled, though its attempt is still the last',
      withStore(async (store) => {
        const snapshot = await running(store)
        const { id } = snapshot.run
        const cancelled = {
          kind: 'run.cancelled',
          run: id,
          attempt: null,
          at: sampleAt,
          contents: {},
          facts: { by: 'u' },
        } as const
        await store.commit(continuation(snapshot, [cancelled]).commit)
        expect(await holds(store, commits.currentAttempt(id, 1))).toBe(false)
      }),
    )

    test(
      'runIs holds in the states it names, and where it names an attempt for that one only',
      withStore(async (store) => {
        const { run } = await running(store)
        expect(await holds(store, commits.runIs(run.id, ['queued', 'running']))).toBe(true)
        expect(await holds(store, commits.runIs(run.id, ['running'], 1))).toBe(true)
        expect(await holds(store, commits.runIs(run.id, ['running'], 2))).toBe(false)
        expect(await holds(store, commits.runIs(run.id, ['queued', 'paused']))).toBe(false)
        expect(await holds(store, commits.runIs(run.id, []))).toBe(false)
        expect(await holds(store, commits.runIs(sampleId(), ['running']))).toBe(false)
      }),
    )

    test(
      'journalAt holds at the last seq only',
      withStore(async (store) => {
        const { task } = await running(store)
        expect(await holds(store, commits.journalAt(task.id, 4))).toBe(true)
        expect(await holds(store, commits.journalAt(task.id, 3))).toBe(false)
        expect(await holds(store, commits.journalAt(task.id, 5))).toBe(false)
        expect(await holds(store, commits.journalAt(sampleId(), 0))).toBe(false)
      }),
    )

    test(
      'latestRun holds for the run that the task shows',
      withStore(async (store) => {
        const { task, run } = await running(store)
        expect(await holds(store, commits.latestRun(task.id, run.id))).toBe(true)
        expect(await holds(store, commits.latestRun(task.id, sampleId()))).toBe(false)
      }),
    )

    test(
      'absentTask, absentSetting, absentUser, absentKeyPrefix and absentIdempotencyKey hold until there is one',
      withStore(async (store) => {
        const sample = sampleTask()
        const key = sampleKey()
        const user = sampleUser()
        const absent = [
          commits.absentTask(sample.task.id),
          commits.absentUser(user.id),
          commits.absentSetting('colour'),
          commits.absentUser(user.id),
          commits.absentKeyPrefix(key.prefix),
          commits.absentIdempotencyKey('owner-1', 'once'),
        ]
        for (const requirement of absent) expect(await holds(store, requirement)).toBe(true)
        await store.commit(submission(sample))
        const request = { ownerId: 'owner-1', key: 'once', requestDigest: 'd', createdAt: sampleAt }
        await store.commit({
          write: [
            { kind: 'put_setting', name: 'colour', value: 'red' },
            { kind: 'insert_key', key },
            { kind: 'insert_user', user },
            { kind: 'remember_idempotency', request, outcome: {} },
          ],
        })
        for (const requirement of absent) expect(await holds(store, requirement)).toBe(false)
        expect(await holds(store, commits.absentIdempotencyKey('owner-2', 'once'))).toBe(true)
      }),
    )

    test(
      'agentAt holds while the agent was not changed and not deleted',
      withStore(async (store) => {
        const agent = sampleAgent()
        await store.commit({ write: [{ kind: 'insert_agent', agent }] })
        expect(await holds(store, commits.agentAt(agent.id, agent.updatedAt))).toBe(true)
        await store.commit({ write: [{ kind: 'save_agent', agent: { ...agent, updatedAt: agent.updatedAt + 1 } }] })
        expect(await holds(store, commits.agentAt(agent.id, agent.updatedAt))).toBe(false)
        await store.commit({ write: [{ kind: 'delete_agent', agent: agent.id }] })
        expect(await holds(store, commits.agentAt(agent.id, agent.updatedAt + 1))).toBe(false)
      }),
    )

    test(
      'agentIdle holds when each of its runs has ended',
      withStore(async (store) => {
        expect(await holds(store, commits.agentIdle('agent-1'))).toBe(true)
        const snapshot = await running(store)
        expect(await holds(store, commits.agentIdle('agent-1'))).toBe(false)
        expect(await holds(store, commits.agentIdle('agent-2'))).toBe(true)
        await store.commit(oneStepRun(snapshot).commit)
        expect(await holds(store, commits.agentIdle('agent-1'))).toBe(true)
      }),
    )

    test(
      'that does not hold is named, though others before and after it do',
      withStore(async (store) => {
        const { task, run } = await running(store)
        const require = [
          commits.latestRun(task.id, run.id),
          commits.journalAt(task.id, 9),
          commits.absentTask(sampleId()),
        ]
        expect(await store.commit({ require, write: [] })).toEqual({ committed: false, refused: require[1] })
      }),
    )
  })

  describe('a commit', () => {
    test(
      'that is refused leaves nothing and harms no neighbour',
      withStore(async (store) => {
        const snapshot = await running(store)
        const { task, run } = snapshot
        const stale = commits.currentAttempt(run.id, 9)
        const content = sampleContent('never')
        const outcomes = await Promise.all([
          store.commit({ write: [append(task.id, [stepStarted(run.id, 1, 1)])] }),
          store.commit({
            require: [stale],
            write: [append(task.id, [stepStarted(run.id, 9, 66)]), putContents(task.id, [content])],
          }),
          store.commit({ write: [append(task.id, [stepStarted(run.id, 1, 2)])] }),
        ])
        expect(outcomes).toEqual([
          { committed: true, lastSeq: { [task.id]: 5 }, numbers: {} },
          { committed: false, refused: stale },
          { committed: true, lastSeq: { [task.id]: 6 }, numbers: {} },
        ])
        const events = await store.readEvents(task.id, 4, 10)
        expect(events.map((event) => [event.seq, event.kind === 'step.started' && event.facts.step])).toEqual([
          [5, 1],
          [6, 2],
        ])
        expect((await store.readContents([content.digest])).size).toBe(0)
      }),
    )

    test(
      'that is a defect is rejected, leaves nothing and harms no neighbour',
      withStore(async (store) => {
        const sample = sampleTask()
        await store.commit(submission(sample))
        const twice = { kind: 'insert_task', task: sample.task, run: sample.run } as const
        const results = await Promise.allSettled([
          store.commit({ write: [{ kind: 'put_setting', name: 'a', value: 'before' }] }),
          store.commit({ write: [{ kind: 'put_setting', name: 'b', value: 'half' }, twice] }),
          store.commit({ write: [append(sampleId(), [stepStarted('r', 1, 1)])] }),
          store.commit({
            write: [
              { kind: 'save_run', run: sampleTask().run },
              { kind: 'put_setting', name: 'b', value: 'x' },
            ],
          }),
          store.commit({ write: [{ kind: 'put_setting', name: 'c', value: 'after' }] }),
        ])
        expect(results.map(({ status }) => status)).toEqual([
          'fulfilled',
          'rejected',
          'rejected',
          'rejected',
          'fulfilled',
        ])
        expect([await store.readSetting('a'), await store.readSetting('b'), await store.readSetting('c')]).toEqual([
          'before',
          undefined,
          'after',
        ])
        expect(store.health().writable).toBe(true)
      }),
    )

    test(
      'sees what the commits before it wrote, also in the same moment',
      withStore(async (store) => {
        const require = [commits.absentSetting('first')]
        const outcomes = await Promise.all(
          ['one', 'two', 'three'].map((value) =>
            store.commit({ require, write: [{ kind: 'put_setting', name: 'first', value }] }),
          ),
        )
        expect(outcomes.map(({ committed }) => committed)).toEqual([true, false, false])
        expect(await store.readSetting('first')).toBe('one')
      }),
    )

    test(
      'numbers tasks and agents, each number once',
      withStore(async (store) => {
        const samples = Array.from({ length: 20 }, () => sampleTask())
        const outcomes = await Promise.all(samples.map((sample) => store.commit(submission(sample))))
        const numbers = outcomes.map((outcome, at) => outcome.committed && outcome.numbers[samples[at]?.task.id ?? ''])
        expect(new Set(numbers).size).toBe(20)
        for (const [at, number] of numbers.entries()) {
          expect(await store.readTaskByNumber(Number(number))).toMatchObject({ id: samples[at]?.task.id, number })
        }
        const [one, two] = [sampleAgent(), sampleAgent()]
        const outcome = await store.commit({
          write: [
            { kind: 'insert_agent', agent: one },
            { kind: 'insert_agent', agent: two },
          ],
        })
        const agents = outcome.committed ? outcome.numbers : {}
        expect(await store.readAgentByNumber(agents[one.id] ?? 0)).toEqual({ ...one, number: agents[one.id] })
        expect(await store.readAgentByNumber(agents[two.id] ?? 0)).toEqual({ ...two, number: agents[two.id] })
      }),
    )

    test(
      'is refused as overloaded when too many wait, and the others are written',
      withStore(
        async (store) => {
          const put = (value: string) => store.commit({ write: [{ kind: 'put_setting', name: value, value }] })
          const results = await Promise.allSettled(['a', 'b', 'c'].map(put))
          expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
          const [, , third] = results
          const reason: unknown = third?.status === 'rejected' ? third.reason : undefined
          expect(isRefusal(reason, 'overloaded') && reason.retryAfterMs).toBeGreaterThan(0)
          expect(await store.readSetting('b')).toBe('b')
          expect(await put('d')).toMatchObject({ committed: true })
        },
        { commitsWaitingMax: 2 },
      ),
    )

    test(
      'is waited for by close; later ones are rejected',
      withStore(async (store) => {
        const last = store.commit(submission(sampleTask()))
        const closed = store.close()
        expect(await last).toMatchObject({ committed: true })
        await closed
        await expect(store.commit({ write: [] })).rejects.toThrow()
        await expect(store.readTask('x')).rejects.toThrow()
        expect(store.health().writable).toBe(false)
      }),
    )

    test(
      'that saves a run leaves its stop request; only request_stop changes that',
      withStore(async (store) => {
        const snapshot = await running(store)
        const { id } = snapshot.run
        await store.commit({ write: [{ kind: 'request_stop', task: snapshot.task.id, run: id, at: 7 }] })
        await store.commit({ write: [{ kind: 'save_run', run: { ...snapshot.run, steps: 3, stopRequestedAt: null } }] })
        expect(await store.readRun(id)).toMatchObject({ steps: 3, stopRequestedAt: 7 })
        await store.commit({ write: [{ kind: 'request_stop', task: snapshot.task.id, run: id, at: null }] })
        expect(await store.readRun(id)).toMatchObject({ stopRequestedAt: null })
      }),
    )

    test(
      'that saves an older run leaves the state that the task shows',
      withStore(async (store) => {
        const ended = oneStepRun(await running(store))
        await store.commit(ended.commit)
        const again = nextTurn(ended.after)
        await store.commit(again.commit)
        const { task, run } = again.after
        const older = { kind: 'save_run', run: ended.after.run } as const
        await store.commit({ write: [older] })
        await store.commit({ write: [older, append(task.id, [stepStarted(run.id, 1, 1)])] })
        expect(await store.readTask(task.id)).toMatchObject({ runId: run.id, state: 'queued', lastSeq: 9 })
        expect(await store.listRuns(task.id)).toEqual([ended.after.run, run])
      }),
    )
  })
}
