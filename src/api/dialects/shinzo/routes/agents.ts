import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Agent } from '../../../../domain/agent.ts'
import type { Principal } from '../../../../domain/principal.ts'
import { Refusal } from '../../../../domain/refusal.ts'
import { readAgentToChange } from '../../../../engine/access/read-agent.ts'
import { setAgentState } from '../../../../engine/commands/set-agent-state.ts'
import { listAgents } from '../../../../engine/queries/list-agents.ts'
import type { ServerDeps } from '../../../../engine/server-deps.ts'
import { idempotencyRefusals, makeOnce } from '../../../edge/answer-once.ts'
import type { DialectApp, EdgeContext } from '../../../edge/define-dialect.ts'
import { json } from '../../../edge/define-refusals.ts'
import { instantOf } from '../../../edge/instants.ts'
import {
  type AgentList,
  type AgentListQuery,
  AgentListQuerySchema,
  AgentListSchema,
  AgentParams,
  PausedSchema,
  ResumedSchema,
} from '../contract/agent.ts'
import { agentIdOf } from '../ids.ts'
import { answers, answersToBody } from '../refusals.ts'

/** Adds the routes that list agents, pause them and resume them. */
export function addAgentRoutes(app: DialectApp, { deps }: EdgeContext): void {
  const response = answers({ 200: json('A page of agents.', AgentListSchema) }, ['invalid_input'])
  const listed = { summary: 'List the agents that tasks can be given to', querystring: AgentListQuerySchema, response }
  app.get('/agent/list', { schema: listed }, async ({ query, principal }) => readAgentList(deps, principal, query))

  const refusals = ['agent_not_found', 'move_refused', 'task_busy', ...idempotencyRefusals] as const
  const paused = {
    summary: 'Pause an agent: it takes no new tasks, and goes on with those that it has',
    params: AgentParams,
    response: answersToBody({ 200: json('The agent is paused.', PausedSchema) }, refusals),
  }
  app.post('/agent/:id/pause', { schema: paused }, async (request, reply) => {
    const { id, updatedAt } = await moveAgent(deps, request, reply, 'paused')
    return { uuid: id, status: 'paused', paused_at: instantOf(updatedAt) }
  })
  const resumed = {
    summary: 'Let an agent take tasks again',
    params: AgentParams,
    response: answersToBody({ 200: json('The agent is active.', ResumedSchema) }, refusals),
  }
  app.post('/agent/:id/resume', { schema: resumed }, async (request, reply) => {
    const { id, updatedAt } = await moveAgent(deps, request, reply, 'active')
    return { uuid: id, status: 'active', resumed_at: instantOf(updatedAt) }
  })
}

/** Pauses or resumes an agent. Refuses `move_refused` where it is in that state already. */
function moveAgent(
  deps: ServerDeps,
  request: FastifyRequest<{ Params: { id: string } }>,
  reply: FastifyReply,
  state: 'active' | 'paused',
): Promise<Agent> {
  const { params, principal } = request
  return makeOnce(request, reply, async (once) => {
    const before = await readAgentToChange(deps, principal, agentIdOf(params.id))
    if (before.state === state) throw new Refusal('move_refused', `The agent is ${state} already.`)
    return setAgentState(deps, principal, before.id, state, once)
  })
}

const orders: Readonly<Record<NonNullable<AgentListQuery['sort']>, (a: Agent, b: Agent) => number>> = {
  created_at: (a, b) => a.createdAt - b.createdAt,
  updated_at: (a, b) => a.updatedAt - b.updatedAt,
  name: (a, b) => (a.name === b.name ? 0 : a.name < b.name ? -1 : 1),
}

/**
 * Reads a page of agents. Pages have numbers and a total here, so that all agents are read; they are few beside
 * tasks.
 */
async function readAgentList(deps: ServerDeps, principal: Principal, query: AgentListQuery): Promise<AgentList> {
  const { page = 1, limit = 20, status, sort = 'created_at', order = 'desc' } = query
  const agents = await readAllAgents(deps, principal, status)
  const sign = order === 'asc' ? 1 : -1
  // The number decides between agents that are otherwise equal, so that neither is on two pages.
  agents.sort((a, b) => sign * (orders[sort](a, b) || a.number - b.number))
  const shown = agents.slice((page - 1) * limit, page * limit)
  return {
    agents: await Promise.all(shown.map((agent) => readAgentLine(deps, agent))),
    pagination: { page, limit, total: agents.length, total_pages: Math.ceil(agents.length / limit) },
  }
}

async function readAllAgents(
  deps: ServerDeps,
  principal: Principal,
  status: AgentListQuery['status'],
): Promise<Agent[]> {
  const limit = deps.limits.page_size_max
  const all: Agent[] = []
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const page = await listAgents(deps, principal, status, { limit, before: { number: before } })
    all.push(...page)
    const last = page.at(-1)
    if (last === undefined || page.length < limit) return all
    before = last.number
  }
}

async function readAgentLine({ store }: ServerDeps, agent: Agent): Promise<AgentList['agents'][number]> {
  const { total, active } = await store.countTasks(agent.id)
  return {
    uuid: agent.id,
    name: agent.name,
    description: agent.description,
    status: agent.state,
    created_at: instantOf(agent.createdAt),
    updated_at: instantOf(agent.updatedAt),
    task_count: total,
    active_tasks: active,
  }
}
