import type { FastifyInstance } from 'fastify'
import type { ServerRooms } from '../../../engine/server-rooms.ts'
import { takeLiberally } from '../../edge/take-liberally.ts'
import { addDocumentRoute } from '../../openapi/add-document-route.ts'
import type { ApiDescription } from '../../openapi/api-description.ts'
import type { DialectEdge } from '../../speak.ts'
import { refuseMisfits } from '../../validate-input.ts'
import { openAnswers } from './answers.ts'
import { allSchemas } from './contract/all-schemas.ts'
import { addCreateRoute } from './create-route.ts'
import type { NeoParts, NeoSurroundings } from './neo-parts.ts'
import { apiParts } from './operations.ts'
import { sendRefusal } from './send-refusal.ts'
import { addStreamRoutes } from './stream-routes.ts'
import { addTaskRoutes } from './task-routes.ts'

/** The Neo API, at `/api/v1/tasks` and under `/neo`. */
export function createNeoEdge(rooms: ServerRooms, { publicUrl, version, streams }: NeoSurroundings): DialectEdge {
  const parts: NeoParts = { rooms, publicUrl, version, streams }
  return {
    dialect: 'neo',
    refuse: sendRefusal,
    addRoutes(app) {
      takeLiberally(app, refuseMisfits)
      addNeoRoutes(app, parts)
    },
  }
}

function addNeoRoutes(app: FastifyInstance, parts: NeoParts): void {
  addDocumentRoute(app, () => describe(parts), openAnswers)
  addCreateRoute(app, parts)
  addTaskRoutes(app, parts)
  addStreamRoutes(app, parts)
}

function describe({ publicUrl, version }: NeoParts): ApiDescription {
  return {
    title: 'Mandate: the Neo dialect',
    description: 'Tasks that are answered as UI message streams of the AI SDK, or acknowledged with JSON.',
    version,
    servers: [{ url: `${publicUrl()}/neo` }, { url: publicUrl() }],
    parts: apiParts,
    contract: allSchemas,
    headers: ['Mandate-Ignored-Fields'],
    securitySchemes: {
      token: {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: 'A JSON web token, or a key neo_sk_…',
      },
      key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
    },
  }
}
