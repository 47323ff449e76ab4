import type { Digest } from '../domain/content.ts'
import type { CallAmounts } from '../domain/event.ts'
import type { ModelChoice } from '../domain/task.ts'
import type { Usage } from '../domain/usage.ts'

/** Why an attempt was cut. */
export type AbortReason = 'cancelled' | 'superseded' | 'timed_out' | 'handed_back'

export class AttemptAborted extends Error {
  readonly reason: AbortReason
  constructor(reason: AbortReason) {
    super(`The attempt was cut: ${reason}.`)
    this.name = 'AttemptAborted'
    this.reason = reason
  }
}

/** A model call that is under way: what it would be charged if it were cut now. */
export interface OpenCall {
  readonly step: number
  readonly tryNumber: number
  readonly choice: ModelChoice
  readonly reserved: CallAmounts
  estimate(): Usage
}

/** The handle by which the engine speaks to an attempt that runs in this process. */
export interface AttemptControl {
  readonly signal: AbortSignal
  /** The attempt ends at its next boundary: `pause` for good, `hand_back` for another process. */
  stopAt: 'never' | 'pause' | 'hand_back'
  /** Something was appended to the journal by somebody else. */
  hasNewEvents: boolean
  openCall: OpenCall | undefined
  /**
   * Certificates of this attempt that cannot be revoked any more: their actions have begun, or will not. In the same turn in
   * which the runner adds one it looks whether it was revoked; and the other way round.
   */
  readonly used: Set<Digest>
  /** What was revoked does not begin. */
  readonly revoked: Set<Digest>
  abort(reason: AbortReason): void
}

export function createAttemptControl(): AttemptControl {
  const controller = new AbortController()
  return {
    signal: controller.signal,
    stopAt: 'never',
    hasNewEvents: false,
    openCall: undefined,
    used: new Set(),
    revoked: new Set(),
    abort(reason) {
      if (!controller.signal.aborted) controller.abort(new AttemptAborted(reason))
    },
  }
}
