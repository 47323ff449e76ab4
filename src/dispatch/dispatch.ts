import type { Place } from '../domain/task.ts'

/** The lane of a queued run. Runs of one lane differ only in age. */
export interface LaneRef {
  readonly place: Place
  readonly priority: number
  readonly ownerId: string
  readonly agentId: string
}

/** A run that may be claimed. A proposal is a hint: only the conditional claim in the store decides. */
export interface Proposal extends LaneRef {
  readonly runId: string
  readonly taskId: string
  readonly queuedAt: number
}

/** The part of the queue that a dispatch reads. The store provides it. */
export interface QueueReader {
  listLanes(now: number): Promise<readonly LaneRef[]>
  /** The first `limit` runs of a lane that may start at `now`. */
  readLane(lane: LaneRef, now: number, limit: number): Promise<readonly Proposal[]>
  nextNotBefore(now: number): Promise<number | undefined>
}

/** A lane that may hold queued runs, with the age of its first one. */
export interface QueuedLane extends LaneRef {
  readonly queuedAt: number
}

/** Chooses the next lane, or none where no slot is free for any of them. It is pure and synchronous. */
export type ChooseLane = (lanes: readonly QueuedLane[]) => QueuedLane | undefined

/** Proposes queued runs that may start. */
export interface Dispatch {
  /** Reads the queue. It is called once, before anything else. */
  start(): Promise<void>
  /** Reports a run that was queued. It is called after the commit. */
  enqueued(lane: QueuedLane, notBefore: number | null): void
  /**
   * Resolves with the run that should start next, or undefined. A proposed run is not proposed again before `settled`.
   * Calls must not overlap.
   */
  propose(choose: ChooseLane): Promise<Proposal | undefined>
  /** Reports that the claim of a proposed run was decided, one way or the other. */
  settled(proposal: Proposal): void
  /**
   * Whether a queued run may exist that could start now. It keeps the order: a new run takes a free slot only where
   * nobody waits before it.
   */
  hasQueued(): boolean
  /** Calls back when a run that had to wait for its `notBefore` may start. */
  onDue(callback: () => void): void
  stop(): void
}
