import type { Agent } from '../../domain/agent.ts'
import { mayChange, mayRead, type Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { EngineDeps } from '../engine-deps.ts'

/**
 * The agent that was asked for, if this caller may use it. Null asks for the default agent. Absent, not theirs, and
 * `undefined` (what was given is no id): the same refusal.
 */
export async function readAgentFor(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  agentId: string | null | undefined,
): Promise<Agent> {
  const wanted = agentId ?? principal.agentId ?? (await deps.store.readSetting('default_agent'))
  const id = agentId === undefined ? undefined : wanted
  const agent = id === undefined ? undefined : await deps.store.readAgent(id)
  const bound = principal.agentId === null || principal.agentId === id
  if (agent === undefined || !bound || !mayRead(principal, agent)) {
    throw new Refusal('agent_not_found', 'There is no such agent.')
  }
  return agent
}

/**
 * The agent, if this caller may change it: it is theirs, or they administer the server, and their key is not bound to it, since
 * such a key is for work with the agent as it is. One who may only use it is told so, `role_forbidden`; for anybody else
 * there is no such agent.
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

/** A change's instant, which also tells whether the agent was changed since: always later than the change before. */
export function changedAt(deps: Pick<EngineDeps, 'clock'>, agent: Agent): number {
  return Math.max(deps.clock.now(), agent.updatedAt + 1)
}
