import type { LaneRef, QueuedLane } from '../../dispatch/dispatch.ts'

/** The number of runs that are running, in all and by owner and agent, and the limits on it. */
export interface Load {
  readonly slotsMax: number
  readonly total: number
  readonly byOwner: ReadonlyMap<string, number>
  readonly byAgent: ReadonlyMap<string, number>
  /** The agent's own limit; undefined for none. */
  agentLimit(agentId: string): number | undefined
}

/** Tells whether a run of this lane could start now. The caller checks the place. */
export function hasRoom(load: Load, lane: LaneRef): boolean {
  if (load.total >= load.slotsMax) return false
  const limit = load.agentLimit(lane.agentId)
  return limit === undefined || (load.byAgent.get(lane.agentId) ?? 0) < limit
}

/**
 * Chooses the lane that goes next: by priority (10 is the most urgent), then the owner with the fewest running, then age. The
 * rule is the same for every dispatch.
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
