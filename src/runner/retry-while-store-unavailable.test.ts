import { expect, test } from 'vitest'
import { createFakeClock } from '../clock/fake/create-fake-clock.ts'
import { Refusal } from '../domain/refusal.ts'
import { createAttemptControl } from './attempt-control.ts'
import { retryWhileStoreUnavailable, retryWhileUnavailable } from './retry-while-store-unavailable.ts'
import type { RunnerDeps } from './runner-deps.ts'

const unavailable = (message: string, retryAfterMs?: number) =>
  new Refusal('storage_unavailable', message, retryAfterMs === undefined ? {} : { retryAfterMs })
const overloaded = new Refusal('overloaded', 'Too much waits.', { retryAfterMs: 10 })

/** Work that is refused with each of these in turn, and then done. */
function refusedWith(...refusals: readonly Error[]) {
  const left = [...refusals]
  return async () => {
    const next = left.shift()
    if (next !== undefined) throw next
    return 'done'
  }
}

/** An attempt whose faults are collected: `open` are those that something waits for, `reported` all of them in order. */
function openAttempt() {
  const clock = createFakeClock()
  const open: string[] = []
  const reported: string[] = []
  const report = (problem: string) => {
    reported.push(problem)
    open.push(problem)
    return () => void open.splice(open.indexOf(problem), 1)
  }
  const deps = { clock, faults: { report } } as Partial<RunnerDeps> as RunnerDeps
  return { deps, control: createAttemptControl(clock, 1_000), clock, open, reported }
}

test('refused work is repeated after the time that the refusal names, or a second', async () => {
  const clock = createFakeClock()
  const refused: string[] = []
  const work = refusedWith(unavailable('first', 50), unavailable('second'))
  const done = retryWhileUnavailable(clock, new AbortController().signal, work, ({ message }) => refused.push(message))
  await clock.until(() => clock.waiting === 1)
  expect(refused).toEqual(['first'])
  clock.advance(49)
  expect(clock.waiting).toBe(1)
  clock.advance(1)
  expect(clock.waiting).toBe(0)
  await clock.until(() => clock.waiting === 1)
  expect(refused).toEqual(['first', 'second'])
  clock.advance(999)
  expect(clock.waiting).toBe(1)
  clock.advance(1)
  expect(await done).toBe('done')
})

test('work that is refused need not be watched', async () => {
  const clock = createFakeClock()
  const done = retryWhileUnavailable(clock, new AbortController().signal, refusedWith(overloaded))
  await clock.until(() => clock.waiting === 1)
  clock.advance(10)
  expect(await done).toBe('done')
})

test('any other error of the work ends it at once', async () => {
  const { deps, control, clock, reported } = openAttempt()
  const defect = new TypeError('x is not a function')
  await expect(retryWhileStoreUnavailable({ deps, control }, refusedWith(defect))).rejects.toBe(defect)
  expect(reported).toEqual([])
  expect(clock.waiting).toBe(0)
})

test('a fault is reported while an attempt waits for it, and not when it waits no more', async () => {
  const { deps, control, clock, open, reported } = openAttempt()
  const work = refusedWith(unavailable('full', 10), unavailable('read-only', 10), overloaded)
  const done = retryWhileStoreUnavailable({ deps, control }, work)
  const openAtEachWait: string[][] = []
  for (let wait = 0; wait < 3; wait += 1) {
    await clock.until(() => clock.waiting === 1)
    openAtEachWait.push([...open])
    clock.advance(10)
  }
  expect(await done).toBe('done')
  // A store that is only overloaded has no fault that an operator could repair.
  expect(openAtEachWait).toEqual([['full'], ['read-only'], []])
  expect(reported).toEqual(['full', 'read-only'])
})

test('an attempt that is aborted while it waits waits no more, and its fault is reported no more', async () => {
  const { deps, control, clock, open } = openAttempt()
  const done = retryWhileStoreUnavailable({ deps, control }, refusedWith(unavailable('full')))
  await clock.until(() => clock.waiting === 1)
  expect(open).toEqual(['full'])
  control.abort('cancelled')
  await expect(done).rejects.toBe(control.signal.reason)
  expect(open).toEqual([])
  expect(clock.waiting).toBe(0)
})

test('a fault at the last try is reported no more once the work is done', async () => {
  const { deps, control, clock, open } = openAttempt()
  const done = retryWhileStoreUnavailable({ deps, control }, refusedWith(unavailable('full', 10)))
  await clock.until(() => clock.waiting === 1)
  clock.advance(10)
  await done
  expect(open).toEqual([])
})
