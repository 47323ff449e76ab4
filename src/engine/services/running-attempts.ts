import type { Clock } from '../../clock/clock.ts'
import type { AttemptNotifier } from '../../journal/commit-events.ts'
import type { AttemptControl } from '../../runner/attempt-control.ts'

/**
 * The attempts that run in this process, by run. Commands reach a running attempt through its control. A crash forgets all of
 * this, and the rows say which runs must be taken up again.
 */
export interface RunningAttempts extends AttemptNotifier {
  /** Registers an attempt until `done` resolves. */
  add(runId: string, control: AttemptControl, done: Promise<void>): void
  /** The control of a run's attempt in this process; undefined where none runs. */
  controlOf(runId: string): AttemptControl | undefined
  /**
   * Lets the attempts reach a boundary, and aborts after `graceMs` those that have not. Resolves when all of them are handed
   * back.
   */
  stop(clock: Pick<Clock, 'after'>, graceMs: number): Promise<void>
  readonly size: number
}

/** Creates the empty register of a process. */
export function createRunningAttempts(): RunningAttempts {
  const running = new Map<string, { readonly control: AttemptControl; readonly done: Promise<void> }>()
  let stopping = false

  return {
    add(runId, control, done) {
      if (stopping) control.handBack()
      const entry = { control, done: done.finally(remove) }
      // The same run may have been claimed again by then.
      function remove() {
        if (running.get(runId) === entry) running.delete(runId)
      }
      running.set(runId, entry)
    },
    controlOf: (runId) => running.get(runId)?.control,
    notifyNewEvents(runId) {
      const control = running.get(runId)?.control
      if (control !== undefined) control.hasNewEvents = true
    },
    get size() {
      return running.size
    },
    async stop(clock, graceMs) {
      stopping = true
      let isAborted = false
      const abortAll = () => {
        isAborted = true
        for (const { control } of running.values()) control.abort('handed_back')
      }
      const cancel = clock.after(graceMs, abortAll)
      while (running.size > 0) {
        for (const { control } of running.values()) if (control.stopAt === 'never') control.handBack()
        if (isAborted) abortAll()
        await Promise.race([...running.values()].map(({ done }) => done))
      }
      cancel()
    },
  }
}
