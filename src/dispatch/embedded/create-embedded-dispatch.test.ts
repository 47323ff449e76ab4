import { expect, test } from 'vitest'
import type { Proposal, QueueReader } from '../dispatch.ts'
import { createEmbeddedDispatch } from './create-embedded-dispatch.ts'

interface Entry extends Proposal {
  notBefore: number
}

function createWorld(entries: Entry[]) {
  let now = 0
  const timers: { at: number; callback: () => void }[] = []
  const due = (at: number) => entries.filter((entry) => entry.notBefore <= at)
  const queue: QueueReader = {
    listLanes: async (at) => due(at),
    readLane: async (lane, at, limit) =>
      due(at)
        .filter((entry) => entry.ownerId === lane.ownerId && entry.priority === lane.priority)
        .sort((a, b) => a.queuedAt - b.queuedAt)
        .slice(0, limit),
    nextNotBefore: async (at) => {
      const later = entries.map(({ notBefore }) => notBefore).filter((time) => time > at)
      return later.length === 0 ? undefined : Math.min(...later)
    },
  }
  const dispatch = createEmbeddedDispatch({
    queue,
    now: () => now,
    after(ms, callback) {
      const timer = { at: now + ms, callback }
      timers.push(timer)
      return () => timers.splice(timers.indexOf(timer), 1)
    },
  })
  const advanceTo = (at: number) => {
    now = at
    for (const timer of timers.filter((candidate) => candidate.at <= at)) timer.callback()
  }
  return { dispatch, advanceTo, entries }
}

function entry(runId: string, ownerId: string, queuedAt: number, notBefore = 0): Entry {
  return {
    runId,
    taskId: `task-${runId}`,
    place: 'cloud:default',
    priority: 5,
    ownerId,
    agentId: 'agent',
    queuedAt,
    notBefore,
  }
}

test('a run that is being claimed is not proposed a second time', async () => {
  const { dispatch } = createWorld([entry('a', 'x', 1), entry('b', 'x', 2)])
  await dispatch.start()
  const ids = []
  for (let i = 0; i < 3; i += 1) ids.push((await dispatch.propose((lanes) => lanes[0]))?.runId)
  expect(ids).toEqual(['a', 'b', undefined])
})

test('a run whose claim came to nothing is proposed again once it is queued again', async () => {
  const { dispatch, entries } = createWorld([entry('a', 'x', 1)])
  await dispatch.start()
  const proposal = await dispatch.propose((lanes) => lanes[0])
  if (proposal === undefined) throw new Error('nothing was proposed')
  dispatch.settled(proposal)
  expect(await dispatch.propose((lanes) => lanes[0])).toBeUndefined()
  dispatch.enqueued(proposal, null)
  expect((await dispatch.propose((lanes) => lanes[0]))?.runId).toBe(entries[0]?.runId)
})

test('each lane shows the age of what stands first in it', async () => {
  const { dispatch } = createWorld([entry('a', 'x', 5), entry('b', 'y', 3), entry('c', 'y', 9)])
  await dispatch.start()
  const seen: number[][] = []
  const oldest = await dispatch.propose((lanes) => {
    seen.push(lanes.map(({ queuedAt }) => queuedAt).sort())
    return lanes.find(({ queuedAt }) => queuedAt === 3)
  })
  await dispatch.propose((lanes) => {
    seen.push(lanes.map(({ queuedAt }) => queuedAt).sort())
    return undefined
  })
  expect(oldest?.runId).toBe('b')
  expect(seen).toEqual([
    [3, 5],
    [5, 9],
  ])
})

test('a run that must wait for its time is announced when it is due', async () => {
  const { dispatch, advanceTo } = createWorld([entry('later', 'x', 1, 1_000)])
  await dispatch.start()
  expect(dispatch.hasQueued()).toBe(false)
  const due = new Promise<void>((resolve) => dispatch.onDue(resolve))
  advanceTo(1_000)
  await due
  expect((await dispatch.propose((lanes) => lanes[0]))?.runId).toBe('later')
})

test('a run that is queued while its lane is being read is not lost', async () => {
  const world = createWorld([])
  const { dispatch, entries } = world
  await dispatch.start()
  const first = entry('first', 'x', 1)
  dispatch.enqueued(first, null) // its row is not visible yet
  const looking = dispatch.propose((lanes) => lanes[0])
  entries.push(first)
  dispatch.enqueued(first, null)
  const found = (await looking) ?? (await dispatch.propose((lanes) => lanes[0]))
  expect(found?.runId).toBe('first')
})
