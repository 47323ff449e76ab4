import type { Agent } from '../../domain/agent.ts'
import { may, type Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { type Commit, type IdempotentRequest, putContents } from '../../store/commit.ts'
import { commitOnce } from '../../store/commit-once.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { type AgentSettings, applySettings } from '../settings/agent-settings.ts'

/**
 * Creates an agent of the caller's, active at once. Tools and capabilities that are left out are not granted. It is on disk
 * when this resolves. Refuses what `applySettings` refuses, and `role_forbidden` to a caller who may not submit or whose key
 * is bound to one agent.
 */
export async function createAgent(
  deps: EngineDeps,
  principal: Principal,
  settings: AgentSettings & { readonly name: string },
  request?: IdempotentRequest,
): Promise<Agent> {
  if (!may(principal, 'submit') || principal.agentId !== null) {
    throw new Refusal('role_forbidden', 'This key may not create agents. It takes the role admin or operator.')
  }
  const now = deps.clock.now()
  const blank: Agent = {
    id: deps.randomness.newId(),
    number: 0,
    ownerId: principal.userId,
    teamId: principal.teamId,
    visibility: 'private',
    name: settings.name,
    description: '',
    instructions: null,
    provider: null,
    model: null,
    tools: [],
    capabilities: [],
    pathLabels: [],
    policy: null,
    timeoutMs: null,
    stepsMax: null,
    concurrencyMax: null,
    state: 'active',
    failures: 0,
    createdAt: now,
    updatedAt: now,
  }
  const { agent, contents } = await applySettings(deps, principal, blank, settings)
  const commit: Commit = { write: [putContents(null, contents), { kind: 'insert_agent', agent }] }
  const outcome = await commitOnce(deps.store, commit, request, { made: agent })
  if (!outcome.committed) throw new Error(`A commit that requires nothing was refused: ${outcome.refused.name}.`)
  return { ...agent, number: outcome.numbers[agent.id] ?? 0 }
}
