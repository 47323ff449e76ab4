import type { ServerDeps } from '../../../engine/server-deps.ts'
import { takeJsonBodies } from '../../edge/read-json-body.ts'
import { takeLiberally } from '../../edge/take-liberally.ts'
import { addDocumentRoute } from '../../openapi/add-document-route.ts'
import type { ApiDescription } from '../../openapi/api-description.ts'
import type { DialectEdge } from '../../speak.ts'
import { refuseSchemaErrors } from '../../validate-input.ts'
import type { AgentrixApp, AgentrixContext, AgentrixOptions } from './agentrix-context.ts'
import { openAnswers } from './answers.ts'
import { addChatRoutes } from './chat-routes.ts'
import { allSchemas } from './contract/all-schemas.ts'
import { addEventRoutes } from './event-routes.ts'
import { apiParts } from './operations.ts'
import { sendRefusal } from './send-refusal.ts'
import { addShareRoutes } from './share-routes.ts'
import { addStartRoute } from './start-route.ts'
import { addTaskRoutes } from './task-routes.ts'

/** Agentrix's API, at its own paths and under `/agentrix`. */
export function createAgentrixEdge(deps: ServerDeps, options: AgentrixOptions): DialectEdge {
  const context = { ...options, deps }
  return {
    dialect: 'agentrix',
    refuse: sendRefusal,
    addRoutes(instance) {
      // Clients name the content type also where they have nothing to say, as in a cancel. What a route needs is found
      // missing by its schema.
      takeJsonBodies(instance, deps.limits, { emptyIsNone: () => true })
      // A title has 1 to 200 characters where there is one: so says the original.
      takeLiberally(instance, refuseSchemaErrors, { emptyIsValue: ['customTitle'] })
      addDocumentRoute(instance, () => describe(context), openAnswers)
      addRoutes(instance as AgentrixApp, context)
    },
  }
}

function addRoutes(app: AgentrixApp, context: AgentrixContext): void {
  addChatRoutes(app, context)
  addStartRoute(app, context)
  addTaskRoutes(app, context)
  addEventRoutes(app, context)
  addShareRoutes(app, context)
}

function describe({ publicUrl, version }: AgentrixContext): ApiDescription {
  return {
    title: 'Mandate, in the words of Agentrix',
    version,
    description: 'Chats with agents, and the tasks that are started in them. Refusals are `{code, error, message}`.',
    servers: [{ url: `${publicUrl()}/agentrix` }, { url: publicUrl() }],
    parts: apiParts,
    contract: allSchemas,
    headers: ['Mandate-Ignored-Fields'],
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'A key, agx_…' } },
  }
}
