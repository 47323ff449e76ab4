import type { LaneRef, QueuedLane } from '../../dispatch/dispatch.ts'

/** How much is running, and how much may. */
export interface Load {
  readonly slotsMax: number
  readonly total: number
  readonly byOwner: ReadonlyMap<string, number>
  readonly byAgent: ReadonlyMap<string, number>
  /** An agent's own limit; undefined for none. */
  agentLimit(agentId: string): number | undefined
}

/** Whether a run of this lane could start now. The places that this process serves are checked by whoever asks. */
export function hasRoom(load: Load, lane: LaneRef): boolean {
  if (load.total >= load.slotsMax) return false
  const limit = load.agentLimit(lane.agentId)
  return limit === undefined || (load.byAgent.get(lane.agentId) ?? 0) < limit
}

/**
 * Which lane goes next: priority first (10 most urgent), then the owner with the fewest running, then age. The same for
 * every dispatch.
 */
export function chooseLane(load: Load, lanes: readonly QueuedLane[]): QueuedLane | undefined {
  let best: QueuedLane | undefined
  for (const lane of lanes) {
    if (hasRoom(load, lane) && (best === undefined || goesBefore(load, lane, best))) best = lane
  }
  return best
}

function goesBefore(load: Load, lane: QueuedLane, other: QueuedLane): boolean {
  if (lane.priority !== other.priority) return lane.priority > other.priority
  const running = load.byOwner.get(lane.ownerId) ?? 0
  const otherRunning = load.byOwner.get(other.ownerId) ?? 0
  if (running !== otherRunning) return running < otherRunning
  return lane.queuedAt < other.queuedAt
}
