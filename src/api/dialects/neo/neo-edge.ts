import type { FastifyInstance } from 'fastify'
import type { ServerDeps } from '../../../engine/server-deps.ts'
import { takeLiberally } from '../../edge/take-liberally.ts'
import { addDocumentRoute } from '../../openapi/add-document-route.ts'
import type { ApiDescription } from '../../openapi/api-description.ts'
import type { DialectEdge } from '../../speak.ts'
import { refuseSchemaErrors } from '../../validate-input.ts'
import { openAnswers } from './answers.ts'
import { allSchemas } from './contract/all-schemas.ts'
import { addCreateRoute } from './create-route.ts'
import type { NeoContext, NeoOptions } from './neo-context.ts'
import { apiParts } from './operations.ts'
import { sendRefusal } from './send-refusal.ts'
import { addStreamRoutes } from './stream-routes.ts'
import { addTaskRoutes } from './task-routes.ts'

/** The Neo API, at `/api/v1/tasks` and under `/neo`. */
export function createNeoEdge(deps: ServerDeps, { publicUrl, version, streams }: NeoOptions): DialectEdge {
  const context: NeoContext = { deps, publicUrl, version, streams }
  return {
    dialect: 'neo',
    refuse: sendRefusal,
    addRoutes(app) {
      takeLiberally(app, refuseSchemaErrors)
      addNeoRoutes(app, context)
    },
  }
}

function addNeoRoutes(app: FastifyInstance, context: NeoContext): void {
  addDocumentRoute(app, () => describe(context), openAnswers)
  addCreateRoute(app, context)
  addTaskRoutes(app, context)
  addStreamRoutes(app, context)
}

function describe({ publicUrl, version }: NeoContext): ApiDescription {
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
