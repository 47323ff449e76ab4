import type { Place } from '../domain/task.ts'

/** Where a queued run stands. */
export interface LaneRef {
  readonly place: Place
  readonly priority: number
  readonly ownerId: string
  readonly agentId: string
}

/** A run that may be claimed. Proposing is a hint: only the conditional claim in the store decides. */
export interface Proposal extends LaneRef {
  readonly runId: string
  readonly taskId: string
}

/** Chooses which lane goes next, or none when no slot is free for any of them. Pure and synchronous. */
export type ChooseLane = (lanes: readonly LaneRef[]) => LaneRef | undefined

/** Proposes queued runs that may start. */
export interface Dispatch {
  /** Reads what stands queued; to be called once before anything else. */
  start(): Promise<void>
  /** A run was queued (after its commit). */
  enqueued(lane: LaneRef, notBefore: number | null): void
  /** The run that should start next, or undefined. Calls must not overlap. */
  propose(choose: ChooseLane): Promise<Proposal | undefined>
  /** Whether any run stands queued that may start now. Used to keep the order: who submits takes a free slot only past nobody. */
  hasQueued(): boolean
  /** Calls back when a run that had to wait for its time may start. */
  onDue(callback: () => void): void
  stop(): void
}
