import { defineDialect } from '../../edge/define-dialect.ts'
import { allSchemas } from './contract/all-schemas.ts'
import { refuseMismatches } from './model-mismatch.ts'
import { refusals } from './refusals.ts'
import { addComplianceRoutes } from './routes/compliance.ts'
import { addExecutionRoutes } from './routes/executions.ts'
import { addTaskRoute } from './routes/tasks.ts'

/** Certior's API answers at its own paths and under `/certior`. */
export const certior = defineDialect({
  name: 'certior',
  describe: {
    title: 'Mandate, in the words of Certior',
    description:
      'Tasks for one agent under a compliance policy. Refusals are `{"detail": …}`. An execution is watched at its `websocket_url`, a WebSocket.',
    tags: [
      {
        name: 'Executions',
        description: 'Submitting tasks and watching what becomes of them.',
        operations: {
          'POST /api/v1/tasks': 'createTask',
          'GET /api/v1/executions': 'listExecutions',
          'GET /api/v1/executions/{id}': 'readExecution',
          'DELETE /api/v1/executions/{id}': 'cancelExecution',
        },
      },
      {
        name: 'Compliance',
        description: 'Policies, and the record of an execution.',
        operations: {
          'GET /api/v1/compliance/presets': 'listPresets',
          'GET /api/v1/compliance/{id}/export': 'exportExecution',
        },
      },
    ],
    contract: allSchemas,
    headers: ['Mandate-Ignored-Fields'],
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', description: 'A key, ck-…' },
      header: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      query: { type: 'apiKey', in: 'query', name: 'api_key' },
    },
  },
  refusals,
  liberal: {
    refuse: refuseMismatches,
    // Clients that send a content type with every request also send it with a DELETE that has no body.
    emptyIsNone: ({ method }) => method === 'DELETE',
    // The original refuses null for the budget, and looks up every text as the name of a policy, the empty one too.
    nullIsValue: ['budget_cents'],
    emptyIsValue: ['compliance_policy'],
  },
  routes(app, context) {
    addTaskRoute(app, context)
    addExecutionRoutes(app, context)
    addComplianceRoutes(app, context)
  },
})
