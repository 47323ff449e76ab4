import type { ChooseLane, Dispatch, LaneRef, Proposal, QueueReader } from '../dispatch.ts'

interface EmbeddedOptions {
  readonly queue: QueueReader
  readonly now: () => number
  /** Calls back once after `ms`; the answer cancels it. */
  readonly after: (ms: number, callback: () => void) => () => void
}

const keyOf = (lane: LaneRef) => `${lane.place}\n${lane.priority}\n${lane.ownerId}\n${lane.agentId}`

/**
 * Proposes from the store's own queue. Keeps in memory only which lanes may hold something (a lane is a kind of run: place,
 * priority, owner, agent) and which runs are being claimed, so that its size and the cost of a proposal do not depend on the
 * length of the queue.
 */
export function createEmbeddedDispatch({ queue, now, after }: EmbeddedOptions): Dispatch {
  const lanes = new Map<string, LaneRef>()
  const claiming = new Map<string, Set<string>>()
  let due: () => void = () => undefined
  let cancelTimer: () => void = () => undefined
  let timerAt = Number.POSITIVE_INFINITY
  let stopped = false

  const waitUntil = (at: number) => {
    if (stopped || at >= timerAt) return
    cancelTimer()
    timerAt = at
    cancelTimer = after(at - now(), () => {
      timerAt = Number.POSITIVE_INFINITY
      void readLanes().then(due)
    })
  }
  const readLanes = async () => {
    const at = now()
    for (const lane of await queue.listLanes(at)) lanes.set(keyOf(lane), lane)
    const next = await queue.nextNotBefore(at)
    if (next !== undefined) waitUntil(next)
  }
  const firstOf = async (lane: LaneRef): Promise<Proposal | undefined> => {
    const taken = claiming.get(keyOf(lane))
    const heads = await queue.readLane(lane, now(), (taken?.size ?? 0) + 1)
    return heads.find((head) => !taken?.has(head.runId))
  }

  return {
    start: readLanes,
    enqueued(lane, notBefore) {
      if (notBefore !== null && notBefore > now()) waitUntil(notBefore)
      else lanes.set(keyOf(lane), { place: lane.place, priority: lane.priority, ownerId: lane.ownerId, agentId: lane.agentId })
    },
    async propose(choose: ChooseLane) {
      for (;;) {
        const lane = choose([...lanes.values()])
        if (lane === undefined) return undefined
        const key = keyOf(lane)
        // Forgotten before the look and put back after it: a run that is queued in between puts the lane back itself.
        lanes.delete(key)
        const proposal = await firstOf(lane)
        if (proposal === undefined) continue
        if (!lanes.has(key)) lanes.set(key, lane)
        claiming.set(key, (claiming.get(key) ?? new Set()).add(proposal.runId))
        return proposal
      }
    },
    settled(proposal) {
      const taken = claiming.get(keyOf(proposal))
      taken?.delete(proposal.runId)
      if (taken?.size === 0) claiming.delete(keyOf(proposal))
    },
    hasQueued: () => lanes.size > 0,
    onDue(callback) {
      due = callback
    },
    stop() {
      stopped = true
      cancelTimer()
    },
  }
}
