import type { ServerRooms } from '../../../engine/server-rooms.ts'
import { takeJsonBodies } from '../../edge/read-json-body.ts'
import { takeLiberally } from '../../edge/take-liberally.ts'
import type { DialectEdge } from '../../speak.ts'
import { refuseMisfits } from '../../validate-input.ts'
import { type ApiDescription, addDocumentRoute } from '../describe-api.ts'
import type { AgentrixApp, AgentrixParts, AgentrixSurroundings } from './agentrix-parts.ts'
import { addChatRoutes } from './chat-routes.ts'
import { addEventRoutes } from './event-routes.ts'
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
      addRoutes(instance as AgentrixApp, parts)
      addDocumentRoute(
        instance,
        () => describe(parts),
        (described) => addRoutes(described as AgentrixApp, parts),
      )
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
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'A key, agx_…' } },
  }
}
