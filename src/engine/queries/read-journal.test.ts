import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import { createScriptedTool } from '../../../test/support/scripted-tool.ts'
import type { JournalEvent } from '../../domain/event.ts'
import { addMessage } from '../commands/add-message.ts'
import { readJournal, waitForEnd } from './read-journal.ts'

let world: EngineWorld
afterEach(() => world.close())

const never = new AbortController().signal

async function collect(taskId: string, after: number, signal = never, follow = false): Promise<JournalEvent[]> {
  const events: JournalEvent[] = []
  for await (const page of readJournal(world.deps, taskId, { after, signal, follow })) events.push(...page)
  return events
}

async function openTask() {
  const steps = [...Array(6).fill({ calls: [{ tool: 'note', input: { text: 'x' } }] }), { text: 'done' }]
  world = await createEngineWorld({ steps, tools: [createScriptedTool('note', () => 'ok')] })
  await world.deps.dispatcher.start()
  return world.submit()
}

test('a reader that was there from the start sees every event once, in order, and ends with the run', async () => {
  const { task } = await openTask()
  const events = await collect(task.id, 0)
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
  expect(events.at(-1)?.kind).toBe('run.succeeded')
})

test('whoever resumes from any seq, any number of times, sees what it would have seen by staying', async () => {
  const { task } = await openTask()
  const whole = await collect(task.id, 0)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(whole.length), { maxLength: 4 }), async (cuts) => {
      const seen: JournalEvent[] = []
      for (const cut of [...cuts.sort((a, b) => a - b), whole.length]) {
        const after = seen.at(-1)?.seq ?? 0
        const part = await collect(task.id, after)
        seen.push(...part.filter(({ seq }) => seq <= cut))
      }
      expect(seen).toEqual(whole)
    }),
    { numRuns: 30 },
  )
})

test('a follower goes on into the next run, and ends when it is told to', async () => {
  const { task, run } = await openTask()
  await world.attemptEnded(run.id)
  const stop = new AbortController()
  const kinds: string[] = []
  const reading = (async () => {
    for await (const page of readJournal(world.deps, task.id, { after: 0, signal: stop.signal, follow: true })) {
      kinds.push(...page.map(({ kind }) => kind))
      if (kinds.filter((kind) => kind === 'run.succeeded').length === 2) stop.abort()
    }
  })()
  await addMessage(world.deps, world.owner, task.id, { input: { text: 'more' } })
  await reading
  expect(kinds.filter((kind) => kind === 'run.queued')).toHaveLength(2)
})

test('a reader whose hints are all lost still sees everything, a little later', async () => {
  const hold = Promise.withResolvers<void>()
  world = await createEngineWorld({ steps: [{ text: 'done', before: () => hold.promise }] })
  const deaf = {
    ...world.deps,
    wakeup: { hint: () => undefined, listen: () => () => undefined, listenToAll: () => () => undefined },
  }
  await world.deps.dispatcher.start()
  const { task, run } = await world.submit()
  const pages: JournalEvent[] = []
  let done = false
  const reading = (async () => {
    for await (const page of readJournal(deaf, task.id, { after: 0, signal: never, follow: false })) pages.push(...page)
    done = true
  })()
  await world.clock.until(() => pages.length === 5)
  hold.resolve()
  await world.attemptEnded(run.id)
  const nextLook = () => {
    world.clock.advance(5_000)
    return done
  }
  await world.clock.until(nextLook)
  await reading
  expect(pages.at(-1)?.kind).toBe('run.succeeded')
})

test('waiting for the end answers when the run ends, or when the time is over', async () => {
  const hold = Promise.withResolvers<void>()
  world = await createEngineWorld({ steps: [{ text: 'done', before: () => hold.promise }] })
  await world.deps.dispatcher.start()
  const { task, run } = await world.submit()
  const short = waitForEnd(world.deps, task.id, 1_000, never)
  await world.clock.until(() => world.clock.waiting > 0)
  world.clock.advance(1_000)
  await short
  expect((await world.store.readRun(run.id))?.state).toBe('running')
  const long = waitForEnd(world.deps, task.id, 3_600_000, never)
  hold.resolve()
  await long
  expect((await world.store.readRun(run.id))?.state).toBe('succeeded')
})
