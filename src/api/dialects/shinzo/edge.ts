import { defineDialect } from '../../edge/define-dialect.ts'
import { allSchemas } from './contract/all-schemas.ts'
import { refusals } from './refusals.ts'
import { addAgentRoutes } from './routes/agents.ts'
import { addTaskRoutes } from './routes/tasks.ts'

/** Shinzo's API answers at its own paths and under `/shinzo`. */
export const shinzo = defineDialect({
  name: 'shinzo',
  describe: {
    title: 'Mandate, in the words of Shinzo',
    description:
      'Tasks for agents: submitted, then polled or reported by webhook. Refusals are `{"success": false, …}`.',
    tags: [
      {
        name: 'Tasks',
        description: 'Tasks for an agent.',
        operations: {
          'POST /agent/request/{id}': 'createTask',
          'GET /agent/{id}/task/{taskId}': 'readTask',
          'POST /agent/{id}/task/{taskId}/message': 'sendMessage',
          'POST /agent/{id}/task/{taskId}/cancel': 'cancelTask',
        },
      },
      {
        name: 'Agents',
        description: 'Who takes tasks.',
        operations: {
          'GET /agent/list': 'listAgents',
          'POST /agent/{id}/pause': 'pauseAgent',
          'POST /agent/{id}/resume': 'resumeAgent',
        },
      },
    ],
    contract: allSchemas,
    headers: ['Mandate-Ignored-Fields'],
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', description: 'A JSON web token, or a key sk_shinzo_…' },
      own_header: { type: 'apiKey', in: 'header', name: 'x-shinzo-api-key' },
      header: { type: 'apiKey', in: 'header', name: 'x-api-key' },
    },
  },
  refusals,
  // Clients of Shinzo send `Content-Type: application/json` with every request, so that an empty body is not
  // malformed JSON.
  liberal: { emptyIsNone: () => true },
  routes(app, context) {
    addTaskRoutes(app, context)
    addAgentRoutes(app, context)
  },
})
