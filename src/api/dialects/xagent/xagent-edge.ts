import type { Agent } from '../../../domain/agent.ts'
import type { ServerDeps } from '../../../engine/server-deps.ts'
import { takeLiberally } from '../../edge/take-liberally.ts'
import { addDocumentRoute } from '../../openapi/add-document-route.ts'
import type { ApiDescription } from '../../openapi/api-description.ts'
import type { DialectEdge } from '../../speak.ts'
import { refuseSchemaErrors } from '../../validate-input.ts'
import { openAnswers } from './answers.ts'
import { allSchemas } from './contract/all-schemas.ts'
import { addEventRoute } from './events/event-route.ts'
import { createStreamQuota } from './events/stream-quota.ts'
import { apiParts } from './operations.ts'
import { resolveAgent, wrongKey } from './resolve-agent.ts'
import { sendRefusal } from './send-refusal.ts'
import { addTaskRoutes } from './task-routes.ts'
import type { XagentApp, XagentContext, XagentOptions } from './xagent-context.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Xagent's requests: the agent that the key is bound to. */
    agent: Agent
  }
  interface FastifyContextConfig {
    /** Xagent: only for personal keys, which this server does not give out. */
    personal?: boolean
  }
}

/** Xagent's API, at `/v1/chat/tasks` and under `/xagent`. */
export function createXagentEdge(deps: ServerDeps, options: XagentOptions): DialectEdge {
  const context = { ...options, deps, quota: createStreamQuota() }
  return {
    dialect: 'xagent',
    refuse: sendRefusal,
    addRoutes(instance) {
      takeLiberally(instance, refuseSchemaErrors)
      instance.decorateRequest('agent', null as never)
      instance.addHook('onRequest', async (request) => {
        const { config } = request.routeOptions
        if (config.open) return
        const agent = await resolveAgent(deps, request.principal)
        if (config.personal) throw wrongKey()
        request.agent = agent
      })
      addDocumentRoute(instance, () => describe(context), openAnswers)
      addRoutes(instance as XagentApp, context)
      addPersonalRoutes(instance as XagentApp)
    },
  }
}

function addRoutes(app: XagentApp, context: XagentContext): void {
  addTaskRoutes(app, context)
  addEventRoute(app, context)
}

/**
 * Where Xagent's personal keys manage agents. No key of this server opens these paths, and who comes without one (as native
 * clients do who forgot theirs) is told that a key is what is missing.
 */
function addPersonalRoutes(app: XagentApp): void {
  const method = ['GET', 'POST', 'PATCH', 'DELETE']
  for (const url of ['/v1/me', '/v1/agents', '/v1/agents/*', '/v1/templates']) {
    const handler = async () => {
      throw wrongKey()
    }
    app.route({ method, url, schema: { hide: true }, config: { personal: true }, handler })
  }
}

function describe({ publicUrl, version }: XagentContext): ApiDescription {
  return {
    title: 'Mandate, in the words of Xagent',
    version,
    description: 'Tasks for the one agent that a key is bound to. Refusals are `{"error": {"code", "message"}}`.',
    servers: [{ url: `${publicUrl()}/xagent` }, { url: publicUrl() }],
    parts: apiParts,
    contract: allSchemas,
    headers: ['Mandate-Ignored-Fields'],
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'The key of an agent, xag_…' } },
  }
}
