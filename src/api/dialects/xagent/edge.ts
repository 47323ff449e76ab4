import type { Agent } from '../../../domain/agent.ts'
import { type DialectApp, defineDialect, type EdgeContext } from '../../edge/define-dialect.ts'
import { resolveAgent, wrongKey } from './access.ts'
import { allSchemas } from './contract/all-schemas.ts'
import { refusals } from './refusals.ts'
import { addEventRoute } from './routes/events.ts'
import { addReplyRoute } from './routes/reply.ts'
import { addTaskRoutes } from './routes/tasks.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Xagent's requests carry the agent that the key is bound to. */
    agent: Agent
  }
  interface FastifyContextConfig {
    /** Xagent only: the route is for personal keys, which this server does not issue. */
    personal?: boolean
  }
}

/** Xagent's API answers at `/v1/chat/tasks` and under `/xagent`. */
export const xagent = defineDialect({
  name: 'xagent',
  describe: {
    title: 'Mandate, in the words of Xagent',
    description: 'Tasks for the one agent that a key is bound to. Refusals are `{"error": {"code", "message"}}`.',
    tags: [
      {
        name: 'Tasks',
        description: 'Tasks for the agent that the key is bound to.',
        operations: {
          'POST /v1/chat/tasks': 'createTask',
          'GET /v1/chat/tasks/{task_id}': 'readTask',
          'POST /v1/chat/tasks/{task_id}/messages': 'addMessage',
          'POST /v1/chat/tasks/{task_id}/reply': 'replyToQuestion',
          'GET /v1/chat/tasks/{task_id}/steps': 'listSteps',
          'GET /v1/chat/tasks/{task_id}/events': 'watchTask',
        },
      },
    ],
    contract: allSchemas,
    headers: ['Mandate-Ignored-Fields'],
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'The key of an agent, xag_…' } },
  },
  refusals,
  liberal: {},
  routes(app, context) {
    findAgents(app, context)
    addTaskRoutes(app, context)
    addReplyRoute(app, context)
    addEventRoute(app, context)
    addPersonalRoutes(app)
  },
})

/** Reads the agent of every key before the rest of its request. */
function findAgents(app: DialectApp, { deps }: EdgeContext): void {
  app.decorateRequest('agent', null as never)
  app.addHook('onRequest', async (request) => {
    const { config } = request.routeOptions
    if (config.open) return
    const agent = await resolveAgent(deps, request.principal)
    if (config.personal) throw wrongKey()
    request.agent = agent
  })
}

/**
 * Adds the routes at which Xagent's personal keys manage agents. No key of this server opens these paths, and a
 * client without a key (such as a native client that forgot its own) reads that a key is missing.
 */
function addPersonalRoutes(app: DialectApp): void {
  const method = ['GET', 'POST', 'PATCH', 'DELETE']
  for (const url of ['/v1/me', '/v1/agents', '/v1/agents/*', '/v1/templates']) {
    const handler = async () => {
      throw wrongKey()
    }
    app.route({ method, url, schema: { hide: true }, config: { personal: true }, handler })
  }
}
