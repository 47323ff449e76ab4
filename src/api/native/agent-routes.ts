import { readAgentFor } from '../../engine/access/read-agent.ts'
import { createAgent } from '../../engine/commands/create-agent.ts'
import { deleteAgent } from '../../engine/commands/delete-agent.ts'
import { setAgentState } from '../../engine/commands/set-agent-state.ts'
import { updateAgent } from '../../engine/commands/update-agent.ts'
import { listAgents } from '../../engine/queries/list-agents.ts'
import type { AgentSettings } from '../../engine/settings/agent-settings.ts'
import type { IdempotentRequest } from '../../store/commit.ts'
import { idempotencyRefusals, makeOnce } from '../edge/answer-once.ts'
import { json } from '../edge/define-refusals.ts'
import { nativeUrl } from '../edge/native-url.ts'
import { pageOf, pageRequest } from '../edge/pages.ts'
import { agentIdOf } from './agent-id-of.ts'
import { answers, answersToBody, IdSchema, NothingSchema } from './answers.ts'
import {
  AgentPageSchema,
  AgentQuerySchema,
  AgentSchema,
  CreateAgentSchema,
  type UpdateAgent,
  UpdateAgentSchema,
} from './contract/agent.ts'
import type { NativeApp, NativeContext } from './native-context.ts'
import { agentSummary, readAgentView } from './present-agent.ts'

const settingRefusals = [
  'tool_unknown',
  'policy_not_found',
  'model_unknown',
  'model_key_missing',
  'model_unpriced',
  'role_forbidden',
] as const

/** Adds the routes that create, read and change agents. */
export function addAgentRoutes(app: NativeApp, context: NativeContext): void {
  const { deps } = context
  const created = answersToBody({ 201: json('The agent.', AgentSchema, ['Location']) }, [
    ...settingRefusals,
    ...idempotencyRefusals,
  ])
  app.post(
    '/v1/agents',
    { schema: { summary: 'Create an agent', body: CreateAgentSchema, response: created } },
    async (request, reply) => {
      const { principal, body } = request
      const settings = { ...settingsOf(body), name: body.name }
      const made = await makeOnce(request, reply, (once) => createAgent(deps, principal, settings, once))
      // The commit that remembers the request assigns the number, so that the remembered agent does not have it.
      const agent = made.number > 0 ? made : { ...made, number: (await readAgentFor(deps, principal, made.id)).number }
      return reply
        .code(201)
        .header('location', nativeUrl(context, `/v1/agents/${agent.id}`))
        .send(await readAgentView(deps, agent))
    },
  )
  const listed = answers({ 200: json('A page of agents.', AgentPageSchema) }, ['invalid_input'])
  app.get(
    '/v1/agents',
    { schema: { summary: 'List agents, newest first', querystring: AgentQuerySchema, response: listed } },
    async ({ principal, query }) => {
      const request = pageRequest(deps.limits, 'number', query)
      const page = pageOf('number', await listAgents(deps, principal, query.state, request), request)
      return { agents: page.rows.map(agentSummary), has_more: page.has_more, next_cursor: page.next_cursor }
    },
  )
  app.get(
    '/v1/agents/:id',
    {
      schema: {
        summary: 'Read an agent',
        params: IdSchema,
        response: answers({ 200: json('The agent.', AgentSchema) }, ['agent_not_found']),
      },
    },
    async ({ principal, params }) => {
      const agent = await readAgentFor(deps, principal, await agentIdOf(deps, params.id))
      return readAgentView(deps, agent)
    },
  )
  addChangeRoutes(app, context)
}

function addChangeRoutes(app: NativeApp, { deps }: NativeContext): void {
  const changed = answersToBody({ 200: json('The agent after it.', AgentSchema) }, [
    'agent_not_found',
    ...settingRefusals,
  ])
  app.patch(
    '/v1/agents/:id',
    { schema: { summary: 'Change an agent', params: IdSchema, body: UpdateAgentSchema, response: changed } },
    async ({ principal, params, body }) => {
      const id = await agentIdOf(deps, params.id)
      return readAgentView(deps, await updateAgent(deps, principal, id, settingsOf(body)))
    },
  )
  const deleted = answers({ 204: { description: 'The agent is gone.' } }, [
    'agent_not_found',
    'agent_busy',
    'role_forbidden',
  ])
  app.delete(
    '/v1/agents/:id',
    { schema: { summary: 'Delete an agent that has no run under way', params: IdSchema, response: deleted } },
    async ({ principal, params }, reply) => {
      await deleteAgent(deps, principal, await agentIdOf(deps, params.id))
      return reply.code(204).send()
    },
  )
  const moved = answersToBody({ 200: json('The agent after it.', AgentSchema) }, [
    'agent_not_found',
    'role_forbidden',
    ...idempotencyRefusals,
  ])
  const states = { pause: 'paused', resume: 'active', stop: 'stopped' } as const
  for (const verb of ['pause', 'resume', 'stop'] as const) {
    const summary = `Make an agent ${states[verb]}; what is running goes on`
    app.post(
      `/v1/agents/:id/${verb}`,
      { schema: { summary, params: IdSchema, body: NothingSchema, response: moved } },
      async (request, reply) => {
        const id = await agentIdOf(deps, request.params.id)
        const move = (once?: IdempotentRequest) => setAgentState(deps, request.principal, id, states[verb], once)
        return readAgentView(deps, await makeOnce(request, reply, move))
      },
    )
  }
}

function settingsOf(body: UpdateAgent): AgentSettings {
  const { timeout_seconds, max_steps, concurrency, path_labels, ...same } = body
  return {
    ...same,
    ...(timeout_seconds !== undefined && {
      timeoutMs: timeout_seconds && Math.max(1, Math.round(timeout_seconds * 1_000)),
    }),
    ...(max_steps !== undefined && { stepsMax: max_steps }),
    ...(path_labels !== undefined && { pathLabels: path_labels }),
    ...(concurrency !== undefined && { concurrencyMax: concurrency }),
  }
}
