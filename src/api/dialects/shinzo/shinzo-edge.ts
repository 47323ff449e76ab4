import type { ServerRooms } from '../../../engine/server-rooms.ts'
import { takeJsonBodies } from '../../edge/read-json-body.ts'
import { takeLiberally } from '../../edge/take-liberally.ts'
import { addDocumentRoute } from '../../openapi/add-document-route.ts'
import type { ApiDescription } from '../../openapi/api-description.ts'
import type { DialectEdge } from '../../speak.ts'
import { refuseMisfits } from '../../validate-input.ts'
import { addAgentRoutes } from './agent-routes.ts'
import { openAnswers } from './answers.ts'
import { allSchemas } from './contract/all-schemas.ts'
import { apiParts } from './operations.ts'
import { sendRefusal } from './send-refusal.ts'
import type { ShinzoApp, ShinzoParts, ShinzoSurroundings } from './shinzo-parts.ts'
import { addTaskRoutes } from './task-routes.ts'

/** Shinzo's API, at its own paths and under `/shinzo`. */
export function createShinzoEdge(rooms: ServerRooms, surroundings: ShinzoSurroundings): DialectEdge {
  const parts = { ...surroundings, rooms }
  return {
    dialect: 'shinzo',
    refuse: (reply, refusal) => sendRefusal(reply, refusal, rooms.clock.now()),
    addRoutes(instance) {
      // Clients of Shinzo say `Content-Type: application/json` with every request: one without a body is no bad JSON.
      takeJsonBodies(instance, rooms.limits, { emptyIsNone: () => true })
      takeLiberally(instance, refuseMisfits)
      addDocumentRoute(instance, () => describe(parts), openAnswers)
      addRoutes(instance as ShinzoApp, parts)
    },
  }
}

function addRoutes(app: ShinzoApp, parts: ShinzoParts): void {
  addTaskRoutes(app, parts)
  addAgentRoutes(app, parts)
}

function describe({ publicUrl, version }: ShinzoParts): ApiDescription {
  return {
    title: 'Mandate, in the words of Shinzo',
    version,
    description: 'Tasks for agents: submitted, polled or told by webhook. Refusals are `{"success": false, …}`.',
    servers: [{ url: `${publicUrl()}/shinzo` }, { url: publicUrl() }],
    parts: apiParts,
    contract: allSchemas,
    headers: ['Mandate-Ignored-Fields'],
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', description: 'A JSON web token, or a key sk_shinzo_…' },
      own_header: { type: 'apiKey', in: 'header', name: 'x-shinzo-api-key' },
      header: { type: 'apiKey', in: 'header', name: 'x-api-key' },
    },
  }
}
