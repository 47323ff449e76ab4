import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { JournalEvent } from '../../domain/event.ts'
import type { ServerDeps } from '../../engine/server-deps.ts'
import type { Live } from '../../live/live.ts'
import type { StreamSink } from './stream-sink.ts'
import { type EventFormatter, openTaskStream } from './task-stream.ts'

let world: EngineWorld
afterEach(() => world.close())

/** A task that waits in the queue, and how many listen to its deltas. */
async function openTask() {
  world = await createEngineWorld({ steps: [{ text: 'done' }] })
  const snapshot = await world.submit()
  let listening = 0
  const live: Live = {
    ...world.deps.live,
    listen(task, callback) {
      listening += 1
      const unlisten = world.deps.live.listen(task, callback)
      return () => {
        listening -= 1
        unlisten()
      }
    },
  }
  const deps: ServerDeps = { ...world.deps, live }
  const ending = new AbortController()
  const open = (formatter: EventFormatter = kinds, over: Partial<ServerDeps> = {}) =>
    openTaskStream({ ...deps, ...over }, { snapshot, after: 0, follow: false, signal: ending.signal, formatter })
  return { snapshot, ending, open, listening: () => listening }
}

const kinds: EventFormatter = {
  events: async (events) => events.map(({ kind }) => kind),
  delta: () => 'delta',
}

function createSink(over: Partial<StreamSink> = {}) {
  const written: string[] = []
  const sink: StreamSink = {
    write: (frame) => written.push(frame),
    waitingBytes: 0,
    drained: async () => undefined,
    beat: () => undefined,
    end: (how) => written.push(how),
    ...over,
  }
  return { sink, written }
}

test('one that is never run lets go of what it holds when it is aborted', async () => {
  const { ending, open, listening } = await openTask()
  await open()
  await open()
  expect(listening()).toBe(2)
  ending.abort()
  expect(listening()).toBe(0)
})

test('one that is aborted while it is opened holds nothing', async () => {
  const { ending, open, listening } = await openTask()
  const stream = await open({
    ...kinds,
    async events(events) {
      ending.abort()
      return kinds.events(events)
    },
  })
  expect(listening()).toBe(0)
  const { sink, written } = createSink()
  await stream.run(sink)
  expect(written).toEqual(['at_once'])
})

test('nothing is shown after it was aborted, not even what had been read', async () => {
  const { ending, open, snapshot } = await openTask()
  let read = 0
  const stream = await open({
    ...kinds,
    async events(events) {
      read += events.length
      if (read > snapshot.task.lastSeq) ending.abort()
      return kinds.events(events)
    },
  })
  const { sink, written } = createSink()
  const running = stream.run(sink)
  await world.deps.dispatcher.start()
  await running
  expect(written.slice(0, -1)).toHaveLength(snapshot.task.lastSeq)
  expect(written.at(-1)).toBe('at_once')
})

test('a journal that cannot be read on is thrown, and the reader is not told that it has ended', async () => {
  const { open, listening } = await openTask()
  let broken = false
  const readEvents = async (task: string, after: number, limit: number): Promise<JournalEvent[]> => {
    if (broken) throw new Error('disk I/O error')
    return world.deps.store.readEvents(task, after, limit)
  }
  const stream = await open(kinds, { store: { ...world.deps.store, readEvents } })
  broken = true
  const { sink, written } = createSink()
  await expect(stream.run(sink)).rejects.toThrow('disk I/O error')
  expect(written).not.toContain('when_sent')
  expect(written).not.toContain('at_once')
  expect(listening()).toBe(0)
})

test('who is behind at the first events is waited for before the next', async () => {
  const { open, ending } = await openTask()
  const stream = await open()
  const asked = Promise.withResolvers<void>()
  const { sink, written } = createSink({
    waitingBytes: 100 * 1024 * 1024,
    drained() {
      asked.resolve()
      return new Promise(() => undefined)
    },
  })
  const running = stream.run(sink)
  await asked.promise
  const shown = written.length
  expect(shown).toBeGreaterThan(0)
  ending.abort()
  await running
  expect(written).toHaveLength(shown + 1)
})

test('one that ends after an event shows nothing that comes after it, and ends as one whose run has ended', async () => {
  const { snapshot } = await openTask()
  await world.deps.dispatcher.start()
  await world.event(snapshot.task.id, 'run.succeeded')
  const read = async (last: string | undefined, after = 0) => {
    const endsAfter = last === undefined ? undefined : (event: JournalEvent) => event.kind === last
    const { signal } = new AbortController()
    const request = { snapshot, after, follow: false, endsAfter, signal, formatter: kinds }
    const { sink, written } = createSink()
    await (await openTaskStream(world.deps, request)).run(sink)
    return written
  }
  const all = await read(undefined)
  expect(all.slice(-2)).toEqual(['run.succeeded', 'when_sent'])
  const claimed = all.indexOf('run.claimed')
  expect(await read('run.claimed')).toEqual([...all.slice(0, claimed + 1), 'when_sent'])
  expect(await read('task.submitted')).toEqual(['task.submitted', 'when_sent'])
  // Not among those that it still reads.
  expect(await read('run.claimed', claimed + 1)).toEqual(all.slice(claimed + 1))
})
