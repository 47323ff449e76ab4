import type { Clock } from '../clock.ts'

/** Node's timers cannot wait longer than this in one piece. */
const timerMsMax = 2 ** 31 - 1

export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    after(ms, callback) {
      let timer: NodeJS.Timeout
      const wait = (left: number) => {
        const piece = Math.min(left, timerMsMax)
        timer = setTimeout(() => (left > piece ? wait(left - piece) : callback()), piece)
        timer.unref()
      }
      wait(Math.max(0, ms))
      return () => clearTimeout(timer)
    },
  }
}
