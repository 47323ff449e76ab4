import type { LaneRef } from '../../dispatch/dispatch.ts'
import type { Agent } from '../../domain/agent.ts'
import type { Load } from './admission.ts'

type AgentLimits = { readonly concurrencyMax: number | null; readonly failures: number }

/** Counts the runs of this process, by owner and agent, and remembers the agents' own limits. */
export function createRunningLoad(slotsMax: () => number) {
  const byOwner = new Map<string, number>()
  const byAgent = new Map<string, number>()
  const agents = new Map<string, AgentLimits>()
  let total = 0
  const count = (counts: Map<string, number>, key: string, by: number) => {
    const next = (counts.get(key) ?? 0) + by
    if (next === 0) counts.delete(key)
    else counts.set(key, next)
  }
  const load: Load = {
    get slotsMax() {
      return slotsMax()
    },
    get total() {
      return total
    },
    byOwner,
    byAgent,
    agentLimit: (agentId) => agents.get(agentId)?.concurrencyMax ?? undefined,
  }
  return {
    load,
    add(lane: LaneRef, by: number) {
      total += by
      count(byOwner, lane.ownerId, by)
      count(byAgent, lane.agentId, by)
    },
    knows: (agentId: string) => agents.has(agentId),
    refresh(agentId: string, agent: Agent | undefined) {
      agents.set(agentId, { concurrencyMax: agent?.concurrencyMax ?? null, failures: agent?.failures ?? 0 })
    },
    failuresOf: (agentId: string) => agents.get(agentId)?.failures ?? 0,
  }
}

/** The counts of one process. They begin at zero with it. */
export type RunningLoad = ReturnType<typeof createRunningLoad>
