import type { ServerDeps } from '../../../engine/server-deps.ts'
import { takeJsonBodies } from '../../edge/read-json-body.ts'
import { takeLiberally } from '../../edge/take-liberally.ts'
import { addDocumentRoute } from '../../openapi/add-document-route.ts'
import type { ApiDescription } from '../../openapi/api-description.ts'
import type { DialectEdge } from '../../speak.ts'
import { refuseSchemaErrors } from '../../validate-input.ts'
import { addAgentRoutes } from './agent-routes.ts'
import { openAnswers } from './answers.ts'
import { allSchemas } from './contract/all-schemas.ts'
import { apiParts } from './operations.ts'
import { sendRefusal } from './send-refusal.ts'
import type { ShinzoApp, ShinzoContext, ShinzoOptions } from './shinzo-context.ts'
import { addTaskRoutes } from './task-routes.ts'

/** Shinzo's API, at its own paths and under `/shinzo`. */
export function createShinzoEdge(deps: ServerDeps, options: ShinzoOptions): DialectEdge {
  const context = { ...options, deps }
  return {
    dialect: 'shinzo',
    refuse: (reply, refusal) => sendRefusal(reply, refusal, deps.clock.now()),
    addRoutes(instance) {
      // Clients of Shinzo say `Content-Type: application/json` with every request: one without a body is no bad JSON.
      takeJsonBodies(instance, deps.limits, { emptyIsNone: () => true })
      takeLiberally(instance, refuseSchemaErrors)
      addDocumentRoute(instance, () => describe(context), openAnswers)
      addRoutes(instance as ShinzoApp, context)
    },
  }
}

function addRoutes(app: ShinzoApp, context: ShinzoContext): void {
  addTaskRoutes(app, context)
  addAgentRoutes(app, context)
}

function describe({ publicUrl, version }: ShinzoContext): ApiDescription {
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
