import { describe, expect, test } from 'vitest'
import {
  claimed,
  continuation,
  nextTurn,
  oneStepRun,
  type SampleOptions,
  sampleAt,
  sampleTask,
  submission,
} from '../../../test/support/sample-tasks.ts'
import { dayMs } from '../../domain/durations.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import { append } from '../commit.ts'
import type { Store, UsageFilter } from '../store.ts'
import type { WithStore } from './with-store.conformance.ts'

const [firstDay, secondDay] = ['2026-01-01', '2026-01-02']
const all: UsageFilter = { from: '2000-01-01', to: '2100-01-01', by: [] }
/** What oneStepRun uses. */
const once = { runs: 1, costMicrosUsd: 7, inputTokens: 10, outputTokens: 1, steps: 1 }
const nobody = { day: null, agentId: null, ownerId: null, teamId: null }

function times(count: number) {
  return Object.fromEntries(Object.entries(once).map(([name, value]) => [name, value * count]))
}

async function ended(store: Store, options: SampleOptions = {}, at = sampleAt): Promise<TaskSnapshot> {
  const sample = sampleTask(options)
  const start = continuation(sample, [claimed(sample.run.id, 1, at)])
  const end = oneStepRun(start.after, at)
  for (const commit of [submission(sample), start.commit, end.commit]) await store.commit(commit)
  return end.after
}

export function describeUsage(withStore: WithStore): void {
  describe('usage', () => {
    test(
      'is nothing before a run has ended, and counts each run that ended once',
      withStore(async (store) => {
        await store.commit(submission(sampleTask()))
        expect(await store.sumUsage(all)).toEqual([])
        const first = await ended(store)
        expect(await store.sumUsage(all)).toEqual([{ ...nobody, ...once }])
        await store.commit({ write: [{ kind: 'save_run', run: first.run }] })
        expect(await store.sumUsage(all)).toEqual([{ ...nobody, ...once }])
        const again = nextTurn(first)
        const start = continuation(again.after, [claimed(again.after.run.id, 1)])
        const end = oneStepRun(start.after)
        for (const commit of [again.commit, start.commit, end.commit]) await store.commit(commit)
        expect(await store.sumUsage(all)).toEqual([{ ...nobody, ...times(2) }])
      }),
    )

    test(
      'counts a run that is ended as it is made: with its task, and after it',
      withStore(async (store) => {
        const sample = sampleTask()
        const claim = claimed(sample.run.id, 1)
        const { commit, after } = oneStepRun(continuation(sample, [claim]).after)
        const events = commit.write.flatMap((write) => (write.kind === 'append' ? write.events : []))
        const journal = append(sample.task.id, [...sample.events, claim, ...events])
        await store.commit({ write: [{ kind: 'insert_task', task: after.task, run: after.run }, journal] })
        expect(await store.readTask(sample.task.id)).toMatchObject({ purgeAt: sampleAt + 365 * dayMs })
        expect(await store.sumUsage(all)).toEqual([{ ...nobody, ...once }])
        const again = { ...nextTurn(after).after.run, steps: 4, state: 'cancelled', endedAt: sampleAt + dayMs } as const
        await store.commit({ write: [{ kind: 'insert_run', run: again }] })
        const days = await store.sumUsage({ ...all, by: ['day'] })
        expect(days.map(({ day, runs, steps }) => [day, runs, steps])).toEqual([
          [firstDay, 1, 1],
          [secondDay, 1, 4],
        ])
        expect(await store.readTask(sample.task.id)).toMatchObject({ purgeAt: sampleAt + 366 * dayMs })
      }),
    )

    test(
      'is summed by day, agent, user and team, alone and together',
      withStore(async (store) => {
        const ada = { ownerId: 'ada', teamId: 'red' }
        await ended(store, { ...ada, agentId: 'agent-1' })
        await ended(store, { ...ada, agentId: 'agent-2' }, sampleAt + dayMs)
        await ended(store, { ownerId: 'bob', agentId: 'agent-1' }, sampleAt + dayMs - 1)
        expect(await store.sumUsage({ ...all, by: ['agent'] })).toEqual([
          { ...nobody, agentId: 'agent-1', ...times(2) },
          { ...nobody, agentId: 'agent-2', ...once },
        ])
        expect(await store.sumUsage({ ...all, by: ['team', 'user'] })).toEqual([
          { ...nobody, ownerId: 'ada', teamId: 'red', ...times(2) },
          { ...nobody, ownerId: 'bob', teamId: null, ...once },
        ])
        expect(await store.sumUsage({ ...all, by: ['day', 'agent', 'user', 'team'] })).toEqual([
          { day: firstDay, agentId: 'agent-1', ownerId: 'ada', teamId: 'red', ...once },
          { day: firstDay, agentId: 'agent-1', ownerId: 'bob', teamId: null, ...once },
          { day: secondDay, agentId: 'agent-2', ownerId: 'ada', teamId: 'red', ...once },
        ])
      }),
    )

    test(
      'is limited to days, both included, and to one user',
      withStore(async (store) => {
        await ended(store, { ownerId: 'ada' })
        await ended(store, { ownerId: 'bob' })
        await ended(store, { ownerId: 'ada' }, sampleAt + dayMs)
        expect(await store.sumUsage({ ...all, ownerId: 'ada' })).toEqual([{ ...nobody, ...times(2) }])
        expect(await store.sumUsage({ ...all, from: firstDay, to: firstDay })).toEqual([{ ...nobody, ...times(2) }])
        expect(await store.sumUsage({ ...all, from: secondDay, to: secondDay })).toEqual([{ ...nobody, ...once }])
        expect(await store.sumUsage({ ...all, ownerId: 'carl' })).toEqual([])
      }),
    )
  })
}
