import type { Agent } from '../../domain/agent.ts'
import type { Principal } from '../../domain/principal.ts'
import { agentAt, putContents } from '../../store/commit.ts'
import { changedAt, readAgentToChange } from '../access/read-agent.ts'
import { retryChanged } from '../retry-changed.ts'
import type { ServerDeps } from '../server-deps.ts'
import { type AgentSettings, applySettings } from '../settings/agent-settings.ts'

/**
 * Changes the settings of an agent that the request names. Runs that were queued before keep theirs. An agent in the state
 * `error` is active again. Refuses `agent_not_found`, `role_forbidden` and what `applySettings` refuses.
 */
export async function updateAgent(
  deps: ServerDeps,
  principal: Principal,
  agentId: string,
  settings: AgentSettings,
): Promise<Agent> {
  return retryChanged(async () => {
    const before = await readAgentToChange(deps, principal, agentId)
    const { agent, contents } = await applySettings(deps, principal, before, settings)
    const healed = before.state === 'error' ? ({ state: 'active', failures: 0 } as const) : {}
    const next: Agent = { ...agent, ...healed, updatedAt: changedAt(deps, before) }
    const outcome = await deps.store.commit({
      require: [agentAt(agentId, before.updatedAt)],
      write: [putContents(null, contents), { kind: 'save_agent', agent: next }],
    })
    if (!outcome.committed) return undefined
    deps.dispatcher.refreshAgent(next)
    return next
  })
}
