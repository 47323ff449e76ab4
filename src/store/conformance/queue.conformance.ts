import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  claimed,
  continuation,
  oneStepRun,
  type SampleOptions,
  sampleAt,
  sampleTask,
  submission,
} from '../../../test/support/sample-tasks.ts'
import type { Lane, Store } from '../store.ts'
import type { WithStore } from './with-store.conformance.ts'

async function submit(store: Store, options: SampleOptions) {
  const sample = sampleTask(options)
  await store.commit(submission(sample))
  return sample
}

const lane: Lane = { place: 'cloud:default', priority: 5, ownerId: 'owner-1', agentId: 'agent-1' }
const byText = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

export function describeQueue(withStore: WithStore): void {
  describe('the queue', () => {
    test(
      'is empty at first',
      withStore(async (store) => {
        expect(await store.listLanes(sampleAt)).toEqual([])
        expect(await store.readLane(lane, sampleAt, 10)).toEqual([])
        expect(await store.nextNotBefore(0)).toBeUndefined()
        expect(await store.listOverdue(sampleAt, 10)).toEqual([])
      }),
    )

    test(
      'lists each lane once, whatever stands in it',
      withStore(async (store) => {
        const lanes: Lane[] = []
        for (const place of ['cloud:default', 'machine:m1'] as const) {
          for (const priority of [1, 10]) {
            for (const ownerId of ['owner-1', 'owner-2']) lanes.push({ place, priority, ownerId, agentId: 'agent-1' })
          }
        }
        lanes.push({ ...lane, agentId: 'agent-2' })
        for (const one of [...lanes, ...lanes]) await submit(store, one)
        expect((await store.listLanes(sampleAt)).toSorted(byText)).toEqual(lanes.toSorted(byText))
      }),
    )

    test(
      'holds a run until it is claimed or has ended, and again when its attempt is lost',
      withStore(async (store) => {
        const sample = await submit(store, {})
        const { id } = sample.run
        const head = { ...lane, runId: id, taskId: sample.task.id, queuedAt: sampleAt }
        expect(await store.readLane(lane, sampleAt, 10)).toEqual([head])
        const claim = continuation(sample, [claimed(id, 1)])
        await store.commit(claim.commit)
        expect(await store.listLanes(sampleAt)).toEqual([])
        expect(await store.readLane(lane, sampleAt, 10)).toEqual([])
        const facts = { attempt: 1, reason: 'died' } as const
        const at = sampleAt + 50
        const lost = continuation(claim.after, [{ kind: 'attempt.lost', run: id, attempt: 1, at, contents: {}, facts }])
        await store.commit(lost.commit)
        expect(await store.readLane(lane, at, 10)).toEqual([{ ...head, queuedAt: at }])
        const again = continuation(lost.after, [claimed(id, 2)])
        await store.commit(again.commit)
        await store.commit(oneStepRun(again.after).commit)
        expect(await store.readLane(lane, at, 10)).toEqual([])
      }),
    )

    test(
      'has a lane in the order in which its runs could start, those that came together in the order of their commits',
      withStore(async (store) => {
        const late = await submit(store, { at: sampleAt + 30 })
        const soon = await submit(store, { at: sampleAt, notBefore: sampleAt + 20 })
        const same = await submit(store, { at: sampleAt + 30 })
        const first = await submit(store, { at: sampleAt + 10 })
        const order = [first, soon, late, same].map(({ run }) => run.id)
        const heads = await store.readLane(lane, sampleAt + 100, 10)
        expect(heads.map(({ runId }) => runId)).toEqual(order)
        expect(heads.map(({ queuedAt }) => queuedAt - sampleAt)).toEqual([10, 20, 30, 30])
        expect((await store.readLane(lane, sampleAt + 100, 2)).map(({ runId }) => runId)).toEqual(order.slice(0, 2))
      }),
    )

    test(
      'shows a run with a time from that time on, and it never stands before one that may start',
      withStore(async (store) => {
        const timed = await submit(store, { at: sampleAt - 1_000, notBefore: sampleAt + 100 })
        expect(await store.listLanes(sampleAt + 99)).toEqual([])
        expect(await store.nextNotBefore(sampleAt)).toBe(sampleAt + 100)
        expect(await store.nextNotBefore(sampleAt + 100)).toBeUndefined()
        const free = await submit(store, { at: sampleAt })
        expect(await store.listLanes(sampleAt + 99)).toEqual([lane])
        expect((await store.readLane(lane, sampleAt + 99, 10)).map(({ runId }) => runId)).toEqual([free.run.id])
        const both = await store.readLane(lane, sampleAt + 100, 10)
        expect(both.map(({ runId }) => runId)).toEqual([free.run.id, timed.run.id])
        const claim = continuation(timed, [claimed(timed.run.id, 1)])
        await store.commit(claim.commit)
        expect(await store.nextNotBefore(sampleAt)).toBeUndefined()
      }),
    )

    test(
      'names as overdue what has stood for its queue timeout since it could start, the longest first',
      withStore(async (store) => {
        const long = await submit(store, { at: sampleAt, queueTimeoutMs: 1_000 })
        const timed = await submit(store, { at: sampleAt, notBefore: sampleAt + 500, queueTimeoutMs: 100 })
        const brief = await submit(store, { at: sampleAt, queueTimeoutMs: 10 })
        expect(await store.listOverdue(sampleAt + 9, 10)).toEqual([])
        expect(await store.listOverdue(sampleAt + 10, 10)).toEqual([brief.run.id])
        expect(await store.listOverdue(sampleAt + 1_000, 10)).toEqual([brief, timed, long].map(({ run }) => run.id))
        expect(await store.listOverdue(sampleAt + 1_000, 2)).toEqual([brief, timed].map(({ run }) => run.id))
      }),
    )

    test(
      'lists runs by state, oldest first',
      withStore(async (store) => {
        const samples = []
        for (const at of [3, 1, 2]) samples.push(await submit(store, { at: sampleAt + at }))
        const [third, first, second] = samples.map(({ run }) => run.id)
        expect(await store.listRunsInState('queued', 10)).toEqual([first, second, third])
        expect(await store.listRunsInState('queued', 1)).toEqual([first])
        expect(await store.listRunsInState('running', 10)).toEqual([])
        const [sample] = samples
        if (sample === undefined) throw new Error('No sample.')
        const claim = continuation(sample, [claimed(sample.run.id, 1)])
        await store.commit(claim.commit)
        expect(await store.listRunsInState('running', 10)).toEqual([third])
        await store.commit(oneStepRun(claim.after).commit)
        expect(await store.listRunsInState('running', 10)).toEqual([])
        expect(await store.listRunsInState('succeeded', 10)).toEqual([third])
      }),
    )

    test(
      'agrees with a plain sort of what was submitted (property)',
      withStore(async (store) => {
        const wish = fc.record({
          priority: fc.constantFrom(1, 5, 10),
          ownerId: fc.constantFrom('owner-1', 'owner-2'),
          agentId: fc.constantFrom('agent-1', 'agent-2'),
          at: fc.integer({ min: sampleAt, max: sampleAt + 50 }),
          notBefore: fc.option(fc.integer({ min: sampleAt, max: sampleAt + 100 })),
        })
        const submitted: { lane: Lane; runId: string; startAt: number }[] = []
        await fc.assert(
          fc.asyncProperty(
            fc.array(wish, { maxLength: 20 }),
            fc.integer({ min: -10, max: 120 }),
            async (options, later) => {
              for (const { at, notBefore, ...of } of options) {
                const { run } = await submit(store, { ...of, at, notBefore })
                submitted.push({
                  lane: { place: 'cloud:default', ...of },
                  runId: run.id,
                  startAt: Math.max(at, notBefore ?? 0),
                })
              }
              const now = sampleAt + later
              const due = submitted.filter(({ startAt }) => startAt <= now)
              const lanes = new Map(
                due.map((one) => [JSON.stringify([one.lane.priority, one.lane.ownerId, one.lane.agentId]), one.lane]),
              )
              expect(
                new Set(
                  (await store.listLanes(now)).map((one) => JSON.stringify([one.priority, one.ownerId, one.agentId])),
                ),
              ).toEqual(new Set(lanes.keys()))
              for (const [key, one] of lanes) {
                const expected = due
                  .filter(
                    (other) => JSON.stringify([other.lane.priority, other.lane.ownerId, other.lane.agentId]) === key,
                  )
                  .toSorted((a, b) => a.startAt - b.startAt)
                const heads = await store.readLane(one, now, 1_000)
                expect(heads.map(({ runId }) => runId)).toEqual(expected.map(({ runId }) => runId))
              }
            },
          ),
          { numRuns: 20 },
        )
      }),
    )
  })
}
