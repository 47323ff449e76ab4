// A preload (`node --import`) for a server: tells how late the event loop of its main thread was.
import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

const resolutionMs = 1

/** What is written to the file at each SIGUSR2: the delays since the signal before, in milliseconds. */
export interface LoopDelays {
  readonly samples: number
  readonly p99: number
  readonly max: number
}

function watchLoop(path: string): void {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs })
  delays.enable()
  // The histogram holds the times between two looks; a look is due every resolutionMs.
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolutionMs)
  process.on('SIGUSR2', () => {
    const found: LoopDelays = { samples: delays.count, p99: late(delays.percentile(99)), max: late(delays.max) }
    writeFileSync(path, JSON.stringify(found))
    delays.reset()
  })
}

// A preload is run in worker threads too.
const file = process.env['BENCH_DELAY_FILE']
if (isMainThread && file !== undefined) watchLoop(file)
