import type { Clock } from '../../clock/clock.ts'

/** Something of the server that works beside the requests. `main` starts all of them, and stops them in order. */
export interface Service {
  start(): void | Promise<void>
  /** Begins nothing new, and resolves when nothing is under way. What takes longer than `graceMs` is aborted, where it can be. */
  stop(graceMs: number): Promise<void>
}

export interface PollLoopOptions {
  readonly clock: Pick<Clock, 'after'>
  /**
   * Finds out what is due and does it. Resolves with the time in ms until the next poll at the latest. A long poll asks
   * `isStopping` between two pieces of work.
   */
  poll(isStopping: () => boolean): Promise<number>
  /** A poll rejected. Reports it, and answers the time in ms until the next one. */
  onError(error: unknown): number
}

export interface PollLoop {
  /** Polls after `ms`. */
  start(ms: number): void
  /**
   * Polls within `ms`: a poll that is planned sooner stays as it is, and one that is under way is followed by another. Does
   * nothing before `start` and after `stop`.
   */
  wake(ms: number): void
  /** No poll begins after this call. Resolves when the one under way has ended. */
  stop(): Promise<void>
}

/**
 * The skeleton of every loop in this folder: one poll at a time, the next one after the time that the last one asked for, or
 * sooner when it is woken. Times count from the call and not from the wall clock, so that a clock that jumps delays no poll.
 */
export function createPollLoop({ clock, poll, onError }: PollLoopOptions): PollLoop {
  let state: 'new' | 'started' | 'stopping' = 'new'
  /** The time until the next poll as it was asked for last; undefined where none is planned. */
  let plannedMs: number | undefined
  let cancelTimer: () => void = () => undefined
  let isPolling = false
  let polling: Promise<void> = Promise.resolve()

  const pollOnce = async () => {
    let nextMs: number
    try {
      nextMs = await poll(() => state === 'stopping')
    } catch (error) {
      nextMs = onError(error)
    }
    isPolling = false
    wake(nextMs)
    plan()
  }
  const begin = () => {
    cancelTimer()
    plannedMs = undefined
    isPolling = true
    polling = pollOnce()
  }
  const plan = () => {
    cancelTimer()
    if (state !== 'started' || plannedMs === undefined || isPolling) return
    if (plannedMs <= 0) begin()
    else cancelTimer = clock.after(plannedMs, begin)
  }
  const wake = (ms: number) => {
    if (state !== 'started' || (plannedMs !== undefined && plannedMs <= ms)) return
    plannedMs = ms
    plan()
  }
  return {
    start(ms) {
      state = 'started'
      wake(ms)
    },
    wake,
    async stop() {
      state = 'stopping'
      cancelTimer()
      await polling
    },
  }
}
