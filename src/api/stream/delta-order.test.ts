import { afterEach, describe, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import { createScriptedTool } from '../../../test/support/scripted-tool.ts'
import type { JournalEvent } from '../../domain/event.ts'
import type { Delta } from '../../live/live.ts'
import type { StreamSink } from './stream-sink.ts'
import { openTaskStream } from './task-stream.ts'

let world: EngineWorld
afterEach(() => world.close())

/** Two steps that speak, with an action between them that tells its progress. */
async function open() {
  const tool = createScriptedTool('note', (_input, { progress }) => {
    progress('half way')
    return 'noted'
  })
  const steps = [{ text: 'first', calls: [{ tool: 'note', input: { text: 'x' } }] }, { text: 'second' }]
  world = await createEngineWorld({ steps, tools: [tool] })
  return world
}

type Shown = JournalEvent | Delta

/** Reads a task from `after` to its end; what comes later is shown only once `hold` has resolved, when its deltas have long been there. */
async function read(taskId: string, after: number, hold: Promise<unknown> = Promise.resolve()) {
  const snapshot = await world.store.readSnapshot(taskId)
  if (snapshot === undefined) throw new Error('the task is gone')
  const shown: Shown[] = []
  const frames = new Map<string, Shown>()
  let opened = false
  const frame = (what: Shown) => {
    const key = String(frames.size)
    frames.set(key, what)
    return key
  }
  const sink: StreamSink = {
    write(key) {
      const what = frames.get(key)
      if (what !== undefined) shown.push(what)
    },
    waitingBytes: 0,
    drained: async () => undefined,
    beat: () => undefined,
    end: () => undefined,
  }
  const formatter = {
    async events(events: readonly JournalEvent[]) {
      if (opened) await hold
      return events.map(frame)
    },
    delta: frame,
  }
  const { signal } = new AbortController()
  const stream = await openTaskStream(world.deps, { snapshot, after, follow: false, signal, formatter })
  opened = true
  return { shown, ended: stream.run(sink) }
}

const isDelta = (what: Shown): what is Delta => !('seq' in what)

/** Of each delta: whether the reader knew, from before or from what it was shown, that what it belongs to had begun. */
function expectInPlace(shown: readonly Shown[], journal: readonly JournalEvent[], after: number) {
  const known = [...journal.slice(0, after)]
  for (const what of shown) {
    if (!isDelta(what)) known.push(what)
    else if (what.kind === 'action.progress') {
      expect(known.some((event) => event.kind === 'action.decided' && event.facts.action === what.action)).toBe(true)
    } else {
      const begun = known.findLast((event) => event.kind === 'step.started' || event.kind === 'model.responded')
      expect(begun).toMatchObject({ kind: 'step.started', facts: { step: what.step } })
    }
  }
}

describe('a reader', () => {
  test('is shown no word of a step before its start, and no progress of an action before its decision', async () => {
    await open()
    const { task, run } = await world.submit()
    const all = Promise.withResolvers<void>()
    const slow = await read(task.id, 0, all.promise)
    const quick = await read(task.id, 0)
    await world.deps.dispatcher.start()
    await world.attemptEnded(run.id)
    all.resolve()
    await Promise.all([slow.ended, quick.ended])
    const journal = await world.events(task.id)
    for (const { shown } of [slow, quick]) {
      expectInPlace(shown, journal, 0)
      expect(shown.filter((what) => !isDelta(what))).toEqual(journal)
    }
  })

  test('is shown the words of the step between its start and its response', async () => {
    const hold = Promise.withResolvers<void>()
    world = await createEngineWorld({ steps: [{ text: 'word', before: () => hold.promise }] })
    const { task } = await world.submit()
    const read_ = await read(task.id, 0)
    await world.deps.dispatcher.start()
    await world.clock.until(() => read_.shown.some(isDelta))
    hold.resolve()
    await read_.ended
    const names = read_.shown.map((what) => what.kind)
    const words = ['run.claimed', 'step.started', 'text.delta', 'model.responded', 'run.succeeded']
    expect(names.slice(3)).toEqual(words)
  })

  test('that takes up anywhere while a step speaks is shown its words at once, and none too early', async () => {
    const hold = Promise.withResolvers<void>()
    world = await createEngineWorld({ steps: [{ text: 'word', before: () => hold.promise }] })
    const { task } = await world.submit()
    await world.deps.dispatcher.start()
    await world.event(task.id, 'step.started')
    await world.clock.until(() => {
      let spoke = false
      world.deps.live.listen(task.id, () => {
        spoke = true
      })()
      return spoke
    })
    const { length } = await world.events(task.id)
    const readers = await Promise.all(Array.from({ length: length + 1 }, (_, after) => read(task.id, after)))
    await world.clock.until(() => readers.every(({ shown }) => shown.some(isDelta)))
    hold.resolve()
    await Promise.all(readers.map(({ ended }) => ended))
    const journal = await world.events(task.id)
    for (const [after, { shown }] of readers.entries()) {
      expectInPlace(shown, journal, after)
      expect(shown.filter((what) => !isDelta(what))).toEqual(journal.slice(after))
    }
  })
})
