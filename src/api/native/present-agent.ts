import type { Agent } from '../../domain/agent.ts'
import { readableText } from '../../domain/content.ts'
import type { ServerDeps } from '../../engine/server-deps.ts'
import { instantOf } from '../edge/instants.ts'
import type { AgentSummary, AgentView } from './contract/agent.ts'

/** An agent as lists show it: without its instructions. */
export function agentSummary(agent: Agent): AgentSummary {
  return {
    id: agent.id,
    number: agent.number,
    owner: agent.ownerId,
    team_id: agent.teamId,
    visibility: agent.visibility,
    name: agent.name,
    description: agent.description,
    provider: agent.provider,
    model: agent.model,
    tools: [...agent.tools],
    capabilities: [...agent.capabilities],
    policy: agent.policy,
    path_labels: agent.pathLabels.map(({ path, labels }) => ({ path, labels: [...labels] })),
    timeout_seconds: agent.timeoutMs === null ? null : agent.timeoutMs / 1_000,
    max_steps: agent.stepsMax,
    concurrency: agent.concurrencyMax,
    state: agent.state,
    created_at: instantOf(agent.createdAt),
    updated_at: instantOf(agent.updatedAt),
  }
}

/** An agent with its instructions, which are read from its contents. */
export async function readAgentView({ store }: ServerDeps, agent: Agent): Promise<AgentView> {
  const { instructions } = agent
  const contents = instructions === null ? undefined : await store.readContents([instructions])
  return { ...agentSummary(agent), instructions: readableText(contents?.get(instructions ?? '')) ?? null }
}
