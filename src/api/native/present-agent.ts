import type { Agent } from '../../domain/agent.ts'
import { readableText } from '../../domain/content.ts'
import type { ServerDeps } from '../../engine/server-deps.ts'
import { findPowerlessTools, type PowerlessTools } from '../../engine/settings/find-powerless-tools.ts'
import { instantOf } from '../edge/instants.ts'
import type { AgentSummary, AgentView } from './contract/agent.ts'

/** Shows an agent in a list, without its instructions. */
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

/** Reads an agent with its instructions, and with the reasons why it cannot work. */
export async function readAgentView({ store, tools }: ServerDeps, agent: Agent): Promise<AgentView> {
  const { instructions } = agent
  const contents = instructions === null ? undefined : await store.readContents([instructions])
  return {
    ...agentSummary(agent),
    instructions: readableText(contents?.get(instructions ?? '')) ?? null,
    warnings: warningsOf(findPowerlessTools(tools, agent)),
  }
}

function warningsOf(powerless: PowerlessTools | undefined): AgentView['warnings'] {
  if (powerless === undefined) return []
  const { tools, lacks } = powerless
  const message =
    `The agent may not use ${tools.join(', ')}: each call is denied, since it was not granted ${lacks.join(', ')}. ` +
    'Add these to its capabilities where it is to use them.'
  return [{ code: 'tools_lack_capabilities', message, tools: [...tools], capabilities: [...lacks] }]
}
