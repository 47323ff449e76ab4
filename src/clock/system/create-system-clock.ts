import type { Clock } from '../clock.ts'

/** The longest wait of one of Node's timers. A longer one is made of several. */
const timerMsMax = 2 ** 31 - 1

/** The clock of the operating system. */
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
