import type { Agent, AgentState } from '../../domain/agent.ts'
import type { Principal } from '../../domain/principal.ts'
import type { PageRequest } from '../../store/store.ts'
import { readAgentFor } from '../access/read-agent.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { visibleTo } from './list-tasks.ts'

/**
 * Lists the agents that this caller may use, newest first: their own, their team's and the public ones. A key that is bound
 * to an agent sees that agent only.
 */
export async function listAgents(
  deps: EngineDeps,
  principal: Principal,
  state: AgentState | undefined,
  page: PageRequest,
): Promise<Agent[]> {
  const { agentId } = principal
  if (agentId !== null) {
    const only = await readAgentFor(deps, principal, agentId)
    const before = page.before !== undefined && 'number' in page.before ? page.before.number : Number.POSITIVE_INFINITY
    return (state === undefined || only.state === state) && only.number < before ? [only] : []
  }
  return deps.store.listAgents({ ...visibleTo(principal), withPublic: true, ...(state && { state }) }, page)
}
