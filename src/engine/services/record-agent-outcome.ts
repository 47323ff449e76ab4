import { type Agent, agentFailuresMax } from '../../domain/agent.ts'
import { agentAt } from '../../store/commit.ts'
import type { EngineDeps } from '../engine-deps.ts'
import type { RunningLoad } from './running-load.ts'

/**
 * Counts failures of the agent's own configuration in a row; the third sets the agent to `error`, and a success starts the
 * count again. Where others keep changing the agent it gives up after five tries: the count is a help, and no promise.
 */
export async function recordAgentOutcome(
  deps: Pick<EngineDeps, 'clock' | 'store'>,
  agentId: string,
  configuration: boolean,
  load: RunningLoad,
): Promise<void> {
  if (!configuration && load.failuresOf(agentId) === 0) return
  for (let tries = 0; tries < 5; tries += 1) {
    const agent = await deps.store.readAgent(agentId)
    if (agent === undefined) return
    const failures = configuration ? agent.failures + 1 : 0
    const failed = agent.state === 'active' && failures >= agentFailuresMax
    const now = Math.max(deps.clock.now(), agent.updatedAt + 1)
    const next: Agent = { ...agent, failures, state: failed ? 'error' : agent.state, updatedAt: now }
    const outcome = await deps.store.commit({
      require: [agentAt(agentId, agent.updatedAt)],
      write: [{ kind: 'save_agent', agent: next }],
    })
    if (outcome.committed) {
      load.refresh(agentId, next)
      return
    }
  }
}
