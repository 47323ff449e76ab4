import type { ChooseLane, Dispatch, LaneRef, Proposal, QueuedLane, QueueReader } from '../dispatch.ts'

interface EmbeddedOptions {
  readonly queue: QueueReader
  readonly now: () => number
  /** Calls back once after `ms` milliseconds. The returned function cancels that. */
  readonly after: (ms: number, callback: () => void) => () => void
}

const keyOf = (lane: LaneRef) => `${lane.place}\n${lane.priority}\n${lane.ownerId}\n${lane.agentId}`

/**
 * Proposes runs from the store's own queue. It keeps in memory only which lanes may hold runs and which runs are being
 * claimed, so that its size and the cost of a proposal do not depend on the length of the queue.
 */
export function createEmbeddedDispatch({ queue, now, after }: EmbeddedOptions): Dispatch {
  const lanes = new Map<string, QueuedLane>()
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
      void readLanes().then(due, () => waitUntil(now() + 1_000)) // A store that cannot be read now is asked again.
    })
  }
  const readLanes = async () => {
    const at = now()
    for (const lane of await queue.listLanes(at)) {
      const [head] = await queue.readLane(lane, at, 1)
      if (head !== undefined) keep(head)
    }
    const next = await queue.nextNotBefore(at)
    if (next !== undefined) waitUntil(next)
  }
  const keep = ({ place, priority, ownerId, agentId, queuedAt }: QueuedLane) => {
    const key = keyOf({ place, priority, ownerId, agentId })
    const known = lanes.get(key)
    if (known === undefined || queuedAt < known.queuedAt)
      lanes.set(key, { place, priority, ownerId, agentId, queuedAt })
  }
  /**
   * Takes the first run of the lane that is not being claimed. The lane stays known while another run stands behind it.
   */
  const takeFirst = async (lane: QueuedLane): Promise<Proposal | undefined> => {
    const key = keyOf(lane)
    // The lane is forgotten before it is read and put back afterwards: a run that is queued in between puts it back
    // itself.
    lanes.delete(key)
    const taken = claiming.get(key) ?? new Set()
    const heads = await queue.readLane(lane, now(), taken.size + 2)
    const [first, second] = heads.filter((head) => !taken.has(head.runId))
    if (second !== undefined) keep(second)
    if (first !== undefined) claiming.set(key, taken.add(first.runId))
    return first
  }

  return {
    start: readLanes,
    enqueued(lane, notBefore) {
      if (notBefore !== null && notBefore > now()) waitUntil(notBefore)
      else keep(lane)
    },
    async propose(choose: ChooseLane) {
      for (;;) {
        const lane = choose([...lanes.values()])
        if (lane === undefined) return undefined
        const proposal = await takeFirst(lane)
        if (proposal !== undefined) return proposal
      }
    },
    settled(proposal) {
      const key = keyOf(proposal)
      const taken = claiming.get(key)
      taken?.delete(proposal.runId)
      if (taken?.size === 0) claiming.delete(key)
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
