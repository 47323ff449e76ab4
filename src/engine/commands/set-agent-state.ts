import type { Agent } from '../../domain/agent.ts'
import type { Principal } from '../../domain/principal.ts'
import { agentAt, type Commit, type IdempotentRequest } from '../../store/commit.ts'
import { commitOnce } from '../../store/commit-once.ts'
import { changedAt, readAgentToChange } from '../access/read-agent.ts'
import { retryChanged } from '../retry-changed.ts'
import type { ServerDeps } from '../server-deps.ts'

/**
 * Pauses, stops or resumes (`active`) an agent. An agent that is not active refuses submits; its runs go on. A second request
 * changes nothing. Refuses `agent_not_found`, `role_forbidden`.
 */
export async function setAgentState(
  deps: ServerDeps,
  principal: Principal,
  agentId: string,
  state: 'active' | 'paused' | 'stopped',
  request?: IdempotentRequest,
): Promise<Agent> {
  return retryChanged(async () => {
    const before = await readAgentToChange(deps, principal, agentId)
    if (before.state === state) return before
    const failures = state === 'active' ? 0 : before.failures
    const next: Agent = { ...before, state, failures, updatedAt: changedAt(deps, before) }
    const commit: Commit = {
      require: [agentAt(agentId, before.updatedAt)],
      write: [{ kind: 'save_agent', agent: next }],
    }
    const outcome = await commitOnce(deps.store, commit, request, { made: next })
    if (!outcome.committed) return undefined
    deps.dispatcher.refreshAgent(next)
    return next
  })
}
