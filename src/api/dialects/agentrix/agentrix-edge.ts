import type { ServerRooms } from '../../../engine/server-rooms.ts'
import { takeJsonBodies } from '../../edge/read-json-body.ts'
import { takeLiberally } from '../../edge/take-liberally.ts'
import { addDocumentRoute } from '../../openapi/add-document-route.ts'
import type { ApiDescription } from '../../openapi/api-description.ts'
import type { DialectEdge } from '../../speak.ts'
import { refuseMisfits } from '../../validate-input.ts'
import type { AgentrixApp, AgentrixParts, AgentrixSurroundings } from './agentrix-parts.ts'
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
export function createAgentrixEdge(rooms: ServerRooms, surroundings: AgentrixSurroundings): DialectEdge {
  const parts = { ...surroundings, rooms }
  return {
    dialect: 'agentrix',
    refuse: sendRefusal,
    addRoutes(instance) {
      // Clients name the content type also where they have nothing to say, as in a cancel. What a route needs is found
      // missing by its schema.
      takeJsonBodies(instance, rooms.limits, { emptyIsNone: () => true })
      // A title has 1 to 200 characters where there is one: so says the original.
      takeLiberally(instance, refuseMisfits, { emptyIsValue: ['customTitle'] })
      addDocumentRoute(instance, () => describe(parts), openAnswers)
      addRoutes(instance as AgentrixApp, parts)
    },
  }
}

function addRoutes(app: AgentrixApp, parts: AgentrixParts): void {
  addChatRoutes(app, parts)
  addStartRoute(app, parts)
  addTaskRoutes(app, parts)
  addEventRoutes(app, parts)
  addShareRoutes(app, parts)
}

function describe({ publicUrl, version }: AgentrixParts): ApiDescription {
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
