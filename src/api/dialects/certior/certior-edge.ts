import type { ServerDeps } from '../../../engine/server-deps.ts'
import { takeJsonBodies } from '../../edge/read-json-body.ts'
import type { LiberalRules } from '../../edge/read-liberally.ts'
import { takeLiberally } from '../../edge/take-liberally.ts'
import { addDocumentRoute } from '../../openapi/add-document-route.ts'
import type { ApiDescription } from '../../openapi/api-description.ts'
import type { DialectEdge } from '../../speak.ts'
import { openAnswers } from './answers.ts'
import type { CertiorApp, CertiorContext, CertiorOptions } from './certior-context.ts'
import { addComplianceRoutes } from './compliance-routes.ts'
import { allSchemas } from './contract/all-schemas.ts'
import { addExecutionRoutes } from './execution-routes.ts'
import { refuseMismatches } from './model-mismatch.ts'
import { apiParts } from './operations.ts'
import { sendRefusal } from './send-refusal.ts'
import { addTaskRoute } from './task-route.ts'

/** Certior's API, at its own paths and under `/certior`. */
export function createCertiorEdge(deps: ServerDeps, options: CertiorOptions): DialectEdge {
  const context = { ...options, deps }
  return {
    dialect: 'certior',
    refuse: sendRefusal,
    addRoutes(instance) {
      takeLiberally(instance, refuseMismatches, liberalRules)
      // Clients that name a content type in every request also do so where they delete, and send nothing.
      takeJsonBodies(instance, deps.limits, { emptyIsNone: ({ method }) => method === 'DELETE' })
      addDocumentRoute(instance, () => describe(context), openAnswers)
      addRoutes(instance as CertiorApp, context)
    },
  }
}

/** The original's model has a number for the budget, null or not, and looks up whatever text names a policy. */
const liberalRules: LiberalRules = { nullIsValue: ['budget_cents'], emptyIsValue: ['compliance_policy'] }

function addRoutes(app: CertiorApp, context: CertiorContext): void {
  addTaskRoute(app, context)
  addExecutionRoutes(app, context)
  addComplianceRoutes(app, context)
}

function describe({ publicUrl, version }: CertiorContext): ApiDescription {
  return {
    title: 'Mandate, in the words of Certior',
    version,
    description:
      'Tasks for one agent under a compliance policy. Refusals are `{"detail": …}`. An execution is watched at its `websocket_url`, a WebSocket.',
    servers: [{ url: `${publicUrl()}/certior` }, { url: publicUrl() }],
    parts: apiParts,
    contract: allSchemas,
    headers: ['Mandate-Ignored-Fields'],
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', description: 'A key, ck-…' },
      header: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      query: { type: 'apiKey', in: 'query', name: 'api_key' },
    },
  }
}
