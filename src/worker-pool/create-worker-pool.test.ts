import { afterEach, expect, test } from 'vitest'
import type * as jobs from '../../test/support/worker-jobs.ts'
import { createFakeClock } from '../clock/fake/create-fake-clock.ts'
import { createSystemClock } from '../clock/system/create-system-clock.ts'
import { createWorkerPool, type WorkerPoolOptions } from './create-worker-pool.ts'
import { type WorkerPool, workerJob } from './worker-pool.ts'

const module = new URL('../../test/support/worker-jobs.ts', import.meta.url)
const echo = workerJob<(value: unknown) => unknown>(module, 'echo')
const fail = workerJob<typeof jobs.fail>(module, 'fail')
const spin = workerJob<typeof jobs.spin>(module, 'spin')
const backtrack = workerJob<typeof jobs.backtrack>(module, 'backtrack')
const fillMemory = workerJob<typeof jobs.fillMemory>(module, 'fillMemory')
const leave = workerJob<typeof jobs.leave>(module, 'leave')
const makeBytes = workerJob<typeof jobs.makeBytes>(module, 'makeBytes')
const countKept = workerJob<typeof jobs.countKept>(module, 'countKept')
const meet = workerJob<typeof jobs.meet>(module, 'meet')

const pools: WorkerPool[] = []
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()))
})

function open(over: Partial<WorkerPoolOptions> = {}): WorkerPool {
  const pool = createWorkerPool({
    name: 'test',
    clock: createSystemClock(),
    threadsMax: 1,
    waitingMax: 10,
    perUserMax: 10,
    timeoutMs: 20_000,
    memoryMb: 64,
    ...over,
  })
  pools.push(pool)
  return pool
}

test('a job answers with a copy of what it made, and rejects with what it threw', async () => {
  const pool = open()
  const value = { text: 'ä', list: [1, null], map: new Map([['a', new Uint8Array([1])]]) }
  expect(await pool.run(echo, [value])).toEqual(value)
  await expect(pool.run(fail, ['no'])).rejects.toThrow(new RangeError('no'))
  expect(await pool.run(echo, ['after'])).toBe('after')
})

test.each([
  [true, 0],
  [false, 2],
])('bytes of an answer are handed over where they are the whole of their memory: %s', async (whole, kept) => {
  const pool = open()
  expect(await pool.run(makeBytes, [whole])).toEqual({ bytes: new Uint8Array([1, 2]) })
  expect(await pool.run(countKept, [])).toBe(kept)
})

test.each([
  ['loops', spin],
  ['backtracks', backtrack],
])(
  'a job that %s for ever is refused by the name of its limit, its thread is ended, and the next one runs',
  async (_, job) => {
    const pool = open({ timeoutMs: 50 })
    const others = new Promise<void>((resolve) => setImmediate(resolve))
    const refused = expect(pool.run(job, [])).rejects.toMatchObject({
      code: 'limit_exceeded',
      limit: 'worker_timeout_ms',
    })
    await others
    await refused
    expect(await pool.run(echo, [1], { timeout: { ms: 20_000, limit: 'export_timeout_ms' } })).toBe(1)
  },
)

test('the limit of a job is its own where it has one', async () => {
  const running = open().run(spin, [], { timeout: { ms: 1, limit: 'export_timeout_ms' } })
  await expect(running).rejects.toMatchObject({ code: 'limit_exceeded', limit: 'export_timeout_ms' })
})

test('a job that fills the memory of its thread is refused by the name of the limit, and the process lives', async () => {
  const pool = open({ memoryMb: 16 })
  await expect(pool.run(fillMemory, [])).rejects.toMatchObject({ code: 'limit_exceeded', limit: 'worker_memory_mb' })
  expect(await pool.run(echo, [1])).toBe(1)
})

test('a thread that ends by itself is a defect, and another one takes its place', async () => {
  const pool = open()
  await expect(pool.run(leave, [])).rejects.toThrow('A worker ended by itself with 3.')
  expect(await pool.run(echo, [1])).toBe(1)
})

test('as many jobs run at once as there may be threads', async () => {
  const pool = open({ threadsMax: 2 })
  const flags = new SharedArrayBuffer(12)
  const view = new Int32Array(flags)
  const both = [0, 1].map((index) => pool.run(meet, [flags, index]))
  for (const index of [0, 1]) await Atomics.waitAsync(view, index, 0).value
  Atomics.store(view, 2, 1)
  Atomics.notify(view, 2)
  expect(await Promise.all(both)).toEqual([0, 1])
})

test('more jobs than may wait are refused, and so are more than one user may have', async () => {
  const pool = open({ clock: createFakeClock(), waitingMax: 2, perUserMax: 2 })
  const running = [pool.run(spin, [], { user: 'a' }), pool.run(echo, [1], { user: 'a' })]
  await expect(pool.run(echo, [1], { user: 'a' })).rejects.toMatchObject({
    code: 'limit_exceeded',
    limit: 'worker_jobs_per_user_max',
  })
  running.push(pool.run(echo, [1], { user: 'b' }))
  await expect(pool.run(echo, [1], { user: 'c' })).rejects.toMatchObject({
    code: 'overloaded',
    limit: 'worker_jobs_waiting_max',
  })
  const settled = Promise.allSettled(running)
  await pool.close()
  for (const one of await settled) expect(one).toMatchObject({ reason: { code: 'shutting_down' } })
})

test('a user may have further jobs once theirs have ended', async () => {
  const pool = open({ perUserMax: 1 })
  for (const value of [1, 2]) expect(await pool.run(echo, [value], { user: 'a' })).toBe(value)
  await expect(pool.run(fail, ['no'], { user: 'a' })).rejects.toThrow('no')
  expect(await pool.run(echo, [3], { user: 'a' })).toBe(3)
})

test('closing ends a thread in the middle of its job, and everything after it is refused', async () => {
  const pool = open({ clock: createFakeClock() })
  const running = pool.run(spin, [])
  const refused = expect(running).rejects.toMatchObject({ code: 'shutting_down' })
  await pool.close()
  await refused
  await expect(pool.run(echo, [1])).rejects.toMatchObject({ code: 'shutting_down' })
})
