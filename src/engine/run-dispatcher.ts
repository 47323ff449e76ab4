import type { LaneRef } from '../dispatch/dispatch.ts'
import type { Agent } from '../domain/agent.ts'
import type { Run } from '../domain/task.ts'
import type { AttemptNotifier } from '../journal/commit-events.ts'
import type { ClaimedRun } from '../runner/attempt.ts'
import type { AttemptControl } from '../runner/attempt-control.ts'

/** A slot that a run may take; it is given back by `release`, or by the end of the attempt that was launched in it. */
export interface Slot {
  readonly lane: LaneRef
}

/**
 * Starts queued runs in this process as far as there is room, and holds the handles of those that run. The store's
 * conditional claim decides who gets a run; everything here is a hint.
 */
export interface RunDispatcher extends AttemptNotifier {
  start(): Promise<void>
  /** A slot for a run that is about to be submitted, if it would not overtake anything that stands queued. */
  reserve(lane: LaneRef): Slot | undefined
  release(slot: Slot): void
  /** Carries out a run that was claimed (on disk) in this slot. */
  launch(slot: Slot, claimed: ClaimedRun): void
  /** A run was queued (on disk). */
  enqueued(run: Run): void
  /** The handle of a run that runs in this process. */
  running(runId: string): AttemptControl | undefined
  /** The agent as it is now: its limits hold for claims from here on. */
  learnAgent(agent: Agent): void
  /** No new claims; running runs get `graceMs` to reach a boundary, then they are cut and handed back. */
  stop(graceMs: number): Promise<void>
  readonly runningCount: number
}
