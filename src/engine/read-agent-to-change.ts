import type { Agent } from '../domain/agent.ts'
import { mayChange, type Principal } from '../domain/principal.ts'
import { Refusal } from '../domain/refusal.ts'
import { readAgentFor } from './commands/submit-task.ts'
import type { ServerDeps } from './server-deps.ts'

/**
 * The agent, if this caller may change it: it is theirs, or they administer the server, and their key is not bound to it, since
 * such a key is for work with the agent as it is. One who may only use it is told so, `role_forbidden`; for anybody else
 * there is no such agent.
 */
export async function readAgentToChange(
  deps: ServerDeps,
  principal: Principal,
  agentId: string | undefined,
): Promise<Agent> {
  const agent = await readAgentFor(deps, principal, agentId)
  if (principal.agentId !== null || !mayChange(principal, agent)) {
    throw new Refusal('role_forbidden', 'This agent can be used with this key, but not changed.')
  }
  return agent
}

/** A change's instant, which also tells whether the agent was changed since: always later than the change before. */
export function changedAt(deps: ServerDeps, agent: Agent): number {
  return Math.max(deps.clock.now(), agent.updatedAt + 1)
}
