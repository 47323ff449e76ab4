import { afterEach, expect, test } from 'vitest'
import { createFakeClock } from '../../clock/fake/create-fake-clock.ts'
import { createPollLoop, type PollLoop } from './poll-loop.ts'

let loop: PollLoop
afterEach(() => loop.stop())

/** A loop whose polls end when the test says so, or at once. */
function open({ nextMs = 1_000, held = false } = {}) {
  const clock = createFakeClock()
  const polls: PromiseWithResolvers<number>[] = []
  const errors: unknown[] = []
  let isStopping = () => false
  loop = createPollLoop({
    clock,
    poll(stopping) {
      isStopping = stopping
      const poll = Promise.withResolvers<number>()
      polls.push(poll)
      if (!held) poll.resolve(nextMs)
      return poll.promise
    },
    onError(error) {
      errors.push(error)
      return 500
    },
  })
  /** Lets what is settled be noticed. */
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  return { clock, polls, errors, settle, isStopping: () => isStopping() }
}

test('nothing is polled before the start, whoever wakes it', () => {
  const { clock, polls } = open()
  loop.wake(0)
  clock.advance(10_000)
  expect(polls).toHaveLength(0)
})

test('the next poll comes after the time that the last one asked for, and not before', async () => {
  const { clock, polls, settle } = open({ nextMs: 1_000 })
  loop.start(0)
  expect(polls).toHaveLength(1)
  await settle()
  clock.advance(999)
  expect(polls).toHaveLength(1)
  clock.advance(1)
  expect(polls).toHaveLength(2)
})

test('it is woken within the time that was asked for; what was planned sooner stays', async () => {
  const { clock, polls, settle } = open({ nextMs: 1_000 })
  loop.start(0)
  await settle()
  loop.wake(20)
  clock.advance(10)
  loop.wake(20) // does not put it off
  loop.wake(5_000)
  clock.advance(10)
  expect(polls).toHaveLength(2)
})

test('polls never overlap: one that is woken meanwhile begins when the one under way has ended', async () => {
  const { polls, settle } = open({ held: true })
  loop.start(0)
  loop.wake(0)
  loop.wake(0)
  await settle()
  expect(polls).toHaveLength(1)
  polls[0]?.resolve(1_000)
  await settle()
  expect(polls).toHaveLength(2)
  polls[1]?.resolve(1_000)
  await settle()
  expect(polls).toHaveLength(2)
})

test('a poll that fails is reported and followed by another after the time that the report asks for', async () => {
  const { clock, polls, errors, settle } = open({ held: true })
  loop.start(0)
  polls[0]?.reject('the disk')
  await settle()
  expect(errors).toEqual(['the disk'])
  clock.advance(499)
  expect(polls).toHaveLength(1)
  clock.advance(1)
  expect(polls).toHaveLength(2)
  polls[1]?.resolve(1)
})

test('a stop waits for the poll under way, tells it so, and lets no other begin', async () => {
  const { clock, polls, settle, isStopping } = open({ held: true })
  loop.start(0)
  expect(isStopping()).toBe(false)
  let stopped = false
  const stop = loop.stop().then(() => {
    stopped = true
  })
  await settle()
  expect([stopped, isStopping()]).toEqual([false, true])
  loop.wake(0)
  polls[0]?.resolve(0)
  await stop
  clock.advance(10_000)
  expect(polls).toHaveLength(1)
})
