import type { Agent } from '../../domain/agent.ts'
import { mayChange, mayRead, type Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { EngineDeps } from '../engine-deps.ts'

/**
 * Reads the agent that was asked for, if this caller may use it; null asks for the default agent. Refuses `agent_not_found`,
 * and in the same words, for an agent that is absent, for one that is somebody else's, and for `undefined`, which stands for
 * a text that is no id.
 */
export async function readAgentFor(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  agentId: string | null | undefined,
): Promise<Agent> {
  const requested = agentId ?? principal.agentId ?? (await deps.store.readSetting('default_agent'))
  const id = agentId === undefined ? undefined : requested
  const agent = id === undefined ? undefined : await deps.store.readAgent(id)
  const bound = principal.agentId === null || principal.agentId === id
  if (agent === undefined || !bound || !mayRead(principal, agent)) {
    throw new Refusal('agent_not_found', 'There is no such agent.')
  }
  return agent
}

/**
 * Reads the agent, if this caller may change it: it is theirs, or they administer the server, and their key is not bound to
 * it, since such a key is for work with the agent as it is. Refuses `role_forbidden` to a caller who may only use it, and
 * `agent_not_found` to everybody else.
 */
export async function readAgentToChange(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  agentId: string | undefined,
): Promise<Agent> {
  const agent = await readAgentFor(deps, principal, agentId)
  if (principal.agentId !== null || !mayChange(principal, agent)) {
    throw new Refusal('role_forbidden', 'This agent can be used with this key, but not changed.')
  }
  return agent
}

/**
 * Returns the instant of a change, always later than the change before: it also serves as the agent's version in `agentAt`.
 */
export function changedAt(deps: Pick<EngineDeps, 'clock'>, agent: Agent): number {
  return Math.max(deps.clock.now(), agent.updatedAt + 1)
}
