import type { Clock } from '../../clock/clock.ts'

/** A part of the server that works beside the requests. `main` starts all of them, and stops them in order. */
export interface Service {
  start(): void | Promise<void>
  /**
   * Begins nothing new, and resolves when nothing is under way. Work that takes longer than `graceMs` is aborted, where it
   * can be.
   */
  stop(graceMs: number): Promise<void>
}

/** The work of a loop, and its clock. */
export interface PollLoopOptions {
  readonly clock: Pick<Clock, 'after'>
  /**
   * Finds out what is due and does it. Resolves with the milliseconds until the next poll at the latest. A long poll asks
   * `isStopping` between two pieces of work.
   */
  poll(isStopping: () => boolean): Promise<number>
  /** Reports that a poll rejected, and answers with the milliseconds until the next one. */
  onError(error: unknown): number
}

/** The handle of a loop. */
export interface PollLoop {
  /** Starts the loop; its first poll comes after `ms`. */
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
  /** The milliseconds until the next poll as they were last asked for; undefined where none is planned. */
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
