import type { Agent } from '../../../domain/agent.ts'
import type { Principal } from '../../../domain/principal.ts'
import { isRefusal, Refusal } from '../../../domain/refusal.ts'
import { readAgentFor } from '../../../engine/access/read-agent.ts'
import type { ServerDeps } from '../../../engine/server-deps.ts'

/**
 * The agent that a key is bound to: the one source of what its holder may touch. Any other credential is refused like no
 * credential at all: one of another dialect, one that is bound to no agent, one whose agent is gone.
 */
export async function resolveAgent(deps: ServerDeps, principal: Principal): Promise<Agent> {
  if (principal.dialect !== 'xagent' || principal.agentId === null) throw wrongKey()
  try {
    return await readAgentFor(deps, principal, principal.agentId)
  } catch (error) {
    throw isRefusal(error, 'agent_not_found') ? wrongKey(error) : error
  }
}

export function wrongKey(cause?: unknown): Refusal {
  return new Refusal('unauthenticated', 'This is not the key of an agent.', cause === undefined ? {} : { cause })
}
