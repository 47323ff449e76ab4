import type { Clock } from '../clock/clock.ts'
import type { Digest } from '../domain/content.ts'
import type { ReservedCall } from './reserved-call.ts'

/** Why an attempt was ended from outside. */
export type AbortReason = 'cancelled' | 'superseded' | 'timed_out' | 'handed_back' | 'stopped'

export class AttemptAborted extends Error {
  readonly reason: AbortReason
  constructor(reason: AbortReason) {
    super(`The attempt was aborted: ${reason}.`)
    this.name = 'AttemptAborted'
    this.reason = reason
  }
}

/** The handle by which the engine speaks to an attempt that runs in this process. */
export interface AttemptControl {
  readonly signal: AbortSignal
  /** What the attempt does at its next boundary: go on, pause the run, or hand it back for another process. */
  readonly stopAt: 'never' | 'pause' | 'hand_back'
  /** Others have appended to the journal since it was read. */
  hasNewEvents: boolean
  /** The model call that the budget holds a reservation for. */
  call: ReservedCall | undefined
  /**
   * Certificates of this attempt that cannot be revoked any more: their actions have begun, or will not. In the same turn in
   * which the runner adds one it looks whether it was revoked, and the other way round.
   */
  readonly used: Set<Digest>
  /** The actions of these certificates do not begin. */
  readonly revoked: Set<Digest>
  /**
   * Pauses the run at the next boundary. What has not reached one after the grace is aborted (`stopped`). Asking again
   * changes nothing, and an attempt that is handed back stays so.
   */
  pause(): void
  /** Takes a pause back that was not reached yet. */
  withdrawPause(): void
  /** Hands the run back at the next boundary. */
  handBack(): void
  abort(reason: AbortReason): void
  /** The attempt has ended: no timer is left. */
  close(): void
}

/** `stopGraceMs`: how long a paused attempt may take to reach a boundary. */
export function createAttemptControl(clock: Pick<Clock, 'after'>, stopGraceMs: number): AttemptControl {
  const controller = new AbortController()
  let stopAt: AttemptControl['stopAt'] = 'never'
  let cancelGrace: () => void = () => undefined
  const abort = (reason: AbortReason) => {
    if (!controller.signal.aborted) controller.abort(new AttemptAborted(reason))
  }
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
