import type { Agent } from '../../domain/agent.ts'
import type { Principal } from '../../domain/principal.ts'
import { agentAt } from '../../store/commit.ts'
import { changedAt, readAgentToChange } from '../access/read-agent.ts'
import { retryChanged } from '../retry-changed.ts'
import type { ServerDeps } from '../server-deps.ts'

/**
 * Pauses, stops or resumes (`active`) an agent. Not active refuses submits; what is running goes on. Asking again changes
 * nothing. Refuses `agent_not_found`, `role_forbidden`.
 */
export async function setAgentState(
  deps: ServerDeps,
  principal: Principal,
  agentId: string,
  state: 'active' | 'paused' | 'stopped',
): Promise<Agent> {
  return retryChanged(async () => {
    const before = await readAgentToChange(deps, principal, agentId)
    if (before.state === state) return before
    const failures = state === 'active' ? 0 : before.failures
    const next: Agent = { ...before, state, failures, updatedAt: changedAt(deps, before) }
    const outcome = await deps.store.commit({
      require: [agentAt(agentId, before.updatedAt)],
      write: [{ kind: 'save_agent', agent: next }],
    })
    if (!outcome.committed) return undefined
    deps.dispatcher.refreshAgent(next)
    return next
  })
}
