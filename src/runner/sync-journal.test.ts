import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld, type EngineWorldOptions } from '../../test/support/create-engine-world.ts'
import { openAttempt, sayTo, stopRunOf, submitSubTask, withdrawStopOf } from '../../test/support/open-attempt.ts'
import { noAmounts } from '../domain/budget.ts'
import type { JournalEvent } from '../domain/event.ts'
import { noUsage } from '../domain/usage.ts'
import type { Attempt } from './attempt.ts'
import { isStale, syncJournal } from './sync-journal.ts'

let world: EngineWorld
afterEach(() => world.close())

async function open(options: EngineWorldOptions = {}): Promise<Attempt> {
  world = await createEngineWorld(options)
  return openAttempt(world)
}

const taskOf = ({ journal }: Attempt) => journal.snapshot.task.id
const textsOf = ({ conversation }: Attempt) => conversation.messages.map((message) => 'text' in message && message.text)
/** An event of the attempt itself. */
const own = ({ journal }: Attempt) => {
  const released = { micros_usd: 0, tokens: 0 }
  const facts = { step: 1, try: 1, reason: 'stopped', released, usage: noUsage, cost_micros_usd: 5 } as const
  return { events: [journal.event('model.interrupted', facts)], contents: [] }
}

test('messages of others are read once, in their order, over as many pages as there are', async () => {
  const attempt = await open({ limits: { page_size_max: 2 } })
  for (let i = 0; i < 5; i += 1) await sayTo(world, attempt)
  attempt.control.hasNewEvents = true
  expect(isStale(attempt)).toBe(true)
  await syncJournal(attempt)
  expect(textsOf(attempt)).toEqual(['do it', ...Array(5).fill('wait')])
  expect(isStale(attempt)).toBe(false)
  await syncJournal(attempt)
  expect(textsOf(attempt)).toHaveLength(6)
})

test('pages that are full to the last are followed by another look, and then by none', async () => {
  const attempt = await open({ limits: { page_size_max: 2 } })
  for (let i = 0; i < 4; i += 1) await sayTo(world, attempt)
  await syncJournal(attempt)
  expect(textsOf(attempt)).toHaveLength(5)
  expect(attempt.journal.syncedSeq).toBe(attempt.journal.snapshot.task.lastSeq)
})

test('events of the attempt between those of others are not folded twice', async () => {
  const attempt = await open()
  attempt.conversation.interruptedText = 'half'
  await sayTo(world, attempt)
  await attempt.journal.commit(own(attempt))
  expect(isStale(attempt)).toBe(true)
  await syncJournal(attempt)
  expect(textsOf(attempt)).toEqual(['do it', 'half', 'wait'])
  expect(attempt.journal.snapshot.run.costMicrosUsd).toBe(5)
  expect(isStale(attempt)).toBe(false)
  expect(await world.store.readSnapshot(taskOf(attempt))).toEqual(attempt.journal.snapshot)
})

test('what a sub-task was lent is missing in the ledger', async () => {
  const attempt = await open()
  await submitSubTask(world, attempt, { steps: 3, tokens: 10, micros_usd: 5 })
  await syncJournal(attempt)
  expect(attempt.journal.snapshot.task.ledger.lent).toEqual({ steps: 3, tokens: 10, micros_usd: 5 })
  expect(textsOf(attempt)).toEqual(['do it'])
})

test('what a sub-task gives back brings its labels to the conversation', async () => {
  const attempt = await open()
  const { task } = attempt.journal.snapshot
  const facts = { from: 'task-2', amounts: noAmounts, labels: ['phi'] }
  const returned = {
    kind: 'budget.returned',
    seq: task.lastSeq + 1,
    run: null,
    attempt: null,
    at: 1,
    facts,
    contents: {},
  }
  const readEvents = async (_: string, after: number) => (after > task.lastSeq ? [] : [returned as JournalEvent])
  await syncJournal({ ...attempt, deps: { ...attempt.deps, store: { ...world.store, readEvents } } })
  expect([...attempt.conversation.labels]).toEqual(['phi'])
  expect(attempt.journal.syncedSeq).toBe(task.lastSeq + 1)
})

test('a stop in the journal pauses the attempt although nobody notified it, and its withdrawal lets it go on', async () => {
  const attempt = await open()
  await stopRunOf(world, taskOf(attempt))
  expect(attempt.control.stopAt).toBe('never')
  await syncJournal(attempt)
  expect(attempt.control.stopAt).toBe('pause')
  await withdrawStopOf(world, taskOf(attempt))
  await syncJournal(attempt)
  expect(attempt.control.stopAt).toBe('never')
})

test('an attempt that has read everything is not stale, and reading again changes nothing', async () => {
  const attempt = await open()
  expect(isStale(attempt)).toBe(false)
  const before = attempt.journal.snapshot
  await syncJournal(attempt)
  expect(attempt.journal.snapshot).toBe(before)
})
