import type { Place } from '../domain/task.ts'

/** Where a queued run stands: runs of one lane differ only in age. */
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
  readonly queuedAt: number
}

/** What a dispatch needs to see of the queue; the store offers it. */
export interface QueueReader {
  listLanes(now: number): Promise<readonly LaneRef[]>
  /** The first `limit` runs of a lane that may start at `now`. */
  readLane(lane: LaneRef, now: number, limit: number): Promise<readonly Proposal[]>
  nextNotBefore(now: number): Promise<number | undefined>
}

/** A lane that may hold something, with the age of what stands first in it. */
export interface QueuedLane extends LaneRef {
  readonly queuedAt: number
}

/** Chooses which lane goes next, or none when no slot is free for any of them. Pure and synchronous. */
export type ChooseLane = (lanes: readonly QueuedLane[]) => QueuedLane | undefined

/** Proposes queued runs that may start. */
export interface Dispatch {
  /** Reads what stands queued; to be called once before anything else. */
  start(): Promise<void>
  /** A run was queued (after its commit). */
  enqueued(lane: QueuedLane, notBefore: number | null): void
  /**
   * The run that should start next, or undefined. A run that was proposed is not proposed again until `settled`. Calls must
   * not overlap.
   */
  propose(choose: ChooseLane): Promise<Proposal | undefined>
  /** The claim of a proposed run was decided, one way or the other. */
  settled(proposal: Proposal): void
  /** Whether any run may stand queued that could start now. Keeps the order: a new run takes a free slot only past nobody. */
  hasQueued(): boolean
  /** Calls back when a run that had to wait for its time may start. */
  onDue(callback: () => void): void
  stop(): void
}
