import type { Clock } from '../clock.ts'

/** A clock that moves only when a test advances it. */
export interface FakeClock extends Clock {
  /** Advances the time and fires the timers that became due, in their order. */
  advance(ms: number): void
  /** The number of timers that wait. */
  readonly waiting: number
  /** Lets pending work continue until the condition holds. Throws after ten seconds of real time. */
  until(condition: () => boolean): Promise<void>
}

/** Creates a fake clock that stands at `startAt` (epoch milliseconds). */
export function createFakeClock(startAt = Date.UTC(2026, 0, 1)): FakeClock {
  let now = startAt
  let order = 0
  let timers: { at: number; order: number; callback: () => void }[] = []
  return {
    now: () => now,
    after(ms, callback) {
      order += 1
      const timer = { at: now + Math.max(0, ms), order, callback }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    advance(ms) {
      const until = now + ms
      for (;;) {
        const due = timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at || a.order - b.order)[0]
        if (due === undefined) break
        timers = timers.filter((timer) => timer !== due)
        now = due.at
        due.callback()
      }
      now = until
    },
    get waiting() {
      return timers.length
    },
    async until(condition) {
      const giveUpAt = performance.now() + 10_000
      while (!condition()) {
        if (performance.now() > giveUpAt) throw new Error('What was waited for did not come.')
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}
