import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../test/support/create-engine-world.ts'
import { cancelRunOf, openAttempt, sayTo } from '../../test/support/open-attempt.ts'
import type { Attempt } from './attempt.ts'
import { syncJournal } from './sync-journal.ts'

let world: EngineWorld
let attempt: Attempt
beforeEach(async () => {
  world = await createEngineWorld()
  attempt = await openAttempt(world)
})
afterEach(() => world.close())

const taskId = () => attempt.journal.snapshot.task.id
const say = () => sayTo(world, attempt)
/** A batch of one event that reserves nothing. */
const waiting = () => ({ events: [attempt.journal.event('model.interrupted', interrupted)], contents: [] })
const interrupted = { step: 1, try: 1, reason: 'stopped', released: { micros_usd: 0, tokens: 0 } } as const
const starting = (micros_usd: number) => ({
  events: [
    attempt.journal.event('step.started', { step: 2, model: 'm', provider: 'p', reserved: { micros_usd, tokens: 1 } }),
  ],
  contents: [],
})

test('an event carries its run, its attempt and the present instant', () => {
  const { run } = attempt.journal.snapshot
  world.clock.advance(7)
  expect(attempt.journal.event('run.paused', {})).toEqual({
    kind: 'run.paused',
    run: run.id,
    attempt: run.attempt,
    at: world.clock.now(),
    facts: {},
    contents: {},
  })
})

test('a commit moves the snapshot and the seq up to which the journal is known', async () => {
  const before = attempt.journal.syncedSeq
  await attempt.journal.commit(waiting())
  expect(attempt.journal.syncedSeq).toBe(before + 1)
  expect(attempt.journal.snapshot.task.lastSeq).toBe(before + 1)
  expect(await world.store.readSnapshot(taskId())).toEqual(attempt.journal.snapshot)
})

test('a content is committed with the event that names it, as plain text unless it is said otherwise', async () => {
  const [text, json] = [attempt.journal.text('half'), attempt.journal.text('{}', 'application/json')]
  const named = { text: text.digest, reasoning: json.digest }
  const event = attempt.journal.event('model.interrupted', interrupted, named)
  await attempt.journal.commit({ events: [event], contents: [text, json] })
  const kept = await world.store.readContents([text.digest, json.digest])
  expect([...kept.values()].map(({ body, mediaType }) => [body, mediaType])).toEqual([
    ['half', 'text/plain'],
    ['{}', 'application/json'],
  ])
})

test('what is written stays known while only a part of the journal is read again', () => {
  const { lastSeq } = attempt.journal.snapshot.task
  attempt.journal.markRead([], lastSeq - 1)
  expect(attempt.journal.syncedSeq).toBe(lastSeq - 1)
  expect(attempt.journal.snapshot.task.lastSeq).toBe(lastSeq)
})

test('a commit goes through although others have appended, and what they did is still to be read', async () => {
  const before = attempt.journal.syncedSeq
  await say()
  await attempt.journal.commit(waiting())
  expect(attempt.journal.snapshot.task.lastSeq).toBe(before + 2)
  expect(attempt.journal.syncedSeq).toBe(before)
})

test('a commit that needs an unchanged journal writes nothing after others have appended, until that is read', async () => {
  await say()
  expect(await attempt.journal.commitIfUnchanged(waiting())).toBe(false)
  expect((await world.events(taskId())).at(-1)?.kind).toBe('message.added')
  await syncJournal(attempt)
  expect(await attempt.journal.commitIfUnchanged(waiting())).toBe(true)
})

test('a reservation that the budget does not hold writes nothing', async () => {
  expect(await attempt.journal.commitIfUnchanged(starting(1e12))).toBe(false)
  expect(await attempt.journal.commitIfUnchanged(starting(1))).toBe(true)
})

test('once the run is another’s the attempt writes nothing and is aborted as superseded', async () => {
  await cancelRunOf(world, attempt)
  const before = await world.events(taskId())
  for (const write of [attempt.journal.commit, attempt.journal.commitIfUnchanged]) {
    await expect(write(waiting())).rejects.toMatchObject({ reason: 'superseded' })
  }
  expect(await world.events(taskId())).toEqual(before)
})

test('the attempt is notified of what others append, and not of its own events', async () => {
  const ended = Promise.withResolvers<void>()
  world.deps.attempts.add(attempt.journal.snapshot.run.id, attempt.control, ended.promise)
  await attempt.journal.commit(waiting())
  expect(attempt.control.hasNewEvents).toBe(false)
  await say()
  expect(attempt.control.hasNewEvents).toBe(true)
  ended.resolve()
})
