import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { agentIdle } from '../../store/commit.ts'
import { readAgentToChange } from '../access/read-agent.ts'
import type { EngineDeps } from '../engine-deps.ts'

/**
 * Deletes an agent that has no run under way, which the commit itself checks. Its ended tasks stay and take no further
 * messages. Refuses `agent_busy`, `agent_not_found`, `role_forbidden`.
 */
export async function deleteAgent(deps: EngineDeps, principal: Principal, agentId: string): Promise<void> {
  await readAgentToChange(deps, principal, agentId)
  const outcome = await deps.store.commit({
    require: [agentIdle(agentId)],
    write: [{ kind: 'delete_agent', agent: agentId }],
  })
  if (!outcome.committed) {
    throw new Refusal('agent_busy', 'The agent has tasks that have not ended. Cancel them, or stop the agent and wait.')
  }
}
