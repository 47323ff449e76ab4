// A preload (`node --import`) for the server: makes every sync of the store's writer thread slower by blocking, and tells how
// late the event loop of the main thread was. It needs nothing from the server: a preload is run in its worker threads too.
import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { isMainThread } from 'node:worker_threads'

const syncDelayMs = Number(process.env['BENCH_SYNC_DELAY_MS'] ?? 0)
const resolutionMs = 1

/** What is written to the file at each SIGUSR2: the delays since the signal before, in milliseconds. */
export interface LoopDelays {
  readonly samples: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Statements at whose end SQLite syncs. */
const syncs = (sql: string) => /^\s*(commit|end\b|pragma\s+wal_checkpoint)/iu.test(sql)

function block(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, syncDelayMs)
}

function slowDown(): void {
  const { exec, prepare } = DatabaseSync.prototype
  DatabaseSync.prototype.exec = function (sql) {
    exec.call(this, sql)
    if (syncs(sql)) block()
  }
  DatabaseSync.prototype.prepare = function (...args: Parameters<typeof prepare>): StatementSync {
    const statement = prepare.apply(this, args)
    if (!syncs(args[0])) return statement
    for (const name of ['run', 'get', 'all'] as const) {
      const original: (...values: never[]) => unknown = statement[name].bind(statement)
      const slowed = (...values: never[]) => {
        const result = original(...values)
        block()
        return result
      }
      Object.defineProperty(statement, name, { value: slowed })
    }
    return statement
  }
}

function watchLoop(path: string): void {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs })
  delays.enable()
  // The histogram holds the times between two looks; a look is due every resolutionMs.
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolutionMs)
  process.on('SIGUSR2', () => {
    const { count: samples } = delays
    const found: LoopDelays = {
      samples,
      p50: late(delays.percentile(50)),
      p99: late(delays.percentile(99)),
      max: late(delays.max),
    }
    writeFileSync(path, JSON.stringify(found))
    delays.reset()
  })
}

if (!isMainThread) slowDown()
else if (process.env['BENCH_DELAY_FILE'] !== undefined) watchLoop(process.env['BENCH_DELAY_FILE'])
