import type { Clock } from '../clock/clock.ts'
import type { Digest } from '../domain/content.ts'
import type { ReservedCall } from './reserved-call.ts'

/**
 * The reason why an attempt was ended from outside. It decides what is recorded of the interrupted call and of the run
 * (`run-attempt.ts`).
 */
export type AbortReason = 'cancelled' | 'superseded' | 'timed_out' | 'handed_back' | 'stopped'

/**
 * Ends an attempt wherever it stands. It is the reason of the attempt's signal, and is thrown by every write after another
 * attempt has taken over.
 */
export class AttemptAborted extends Error {
  readonly reason: AbortReason
  constructor(reason: AbortReason) {
    super(`The attempt was aborted: ${reason}.`)
    this.name = 'AttemptAborted'
    this.reason = reason
  }
}

/**
 * The handle by which the engine steers an attempt that runs in this process. It only steers; what counts is in the journal.
 */
export interface AttemptControl {
  readonly signal: AbortSignal
  /** The attempt does this at its next boundary: it goes on, pauses the run, or hands it back for another process. */
  readonly stopAt: 'never' | 'pause' | 'hand_back'
  /** True when others have appended to the journal since it was last read. */
  hasNewEvents: boolean
  /** The call that the budget holds a reservation for; undefined where there is none. */
  call: ReservedCall | undefined
  /**
   * The certificates of this attempt that cannot be revoked any more, since their actions have begun or never will. The
   * runner looks into `revoked` and adds to this set in one turn of the event loop, and so does whoever revokes, the other
   * way round: neither can miss the other.
   */
  readonly used: Set<Digest>
  /** The certificates that were revoked. Their actions do not begin. */
  readonly revoked: Set<Digest>
  /**
   * Pauses the run at the next boundary. An attempt that reaches none within the grace is aborted with `stopped`. A second
   * request changes nothing, and an attempt that is handed back stays so.
   */
  pause(): void
  /** Withdraws a pause that was not reached yet. */
  withdrawPause(): void
  /** Hands the run back to the queue at the next boundary. */
  handBack(): void
  /** Ends the attempt now, in the middle of a call or a tool. The first reason stands. */
  abort(reason: AbortReason): void
  /** Tells that the attempt has ended, so that no timer is left. */
  close(): void
}

/** Creates the control of one attempt. `stopGraceMs` is the time that a paused attempt may take to reach a boundary. */
export function createAttemptControl(clock: Pick<Clock, 'after'>, stopGraceMs: number): AttemptControl {
  const controller = new AbortController()
  let stopAt: AttemptControl['stopAt'] = 'never'
  let cancelGrace: () => void = () => undefined
  // A second abort changes nothing: the first reason stands.
  const abort = (reason: AbortReason) => controller.abort(new AttemptAborted(reason))
  return {
    signal: controller.signal,
    get stopAt() {
      return stopAt
    },
    hasNewEvents: false,
    call: undefined,
    used: new Set(),
    revoked: new Set(),
    pause() {
      if (stopAt !== 'never') return
      stopAt = 'pause'
      cancelGrace = clock.after(stopGraceMs, () => abort('stopped'))
    },
    withdrawPause() {
      if (stopAt !== 'pause') return
      stopAt = 'never'
      cancelGrace()
    },
    handBack() {
      cancelGrace()
      stopAt = 'hand_back'
    },
    abort,
    close: () => cancelGrace(),
  }
}
