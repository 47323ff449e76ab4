import { defineDialect } from '../../edge/define-dialect.ts'
import { allSchemas } from './contract/all-schemas.ts'
import { refusals } from './refusals.ts'
import { addApproveRoute } from './routes/approve.ts'
import { addCreateRoute } from './routes/create.ts'
import { addStreamRoutes } from './routes/streams.ts'
import { addTaskRoutes } from './routes/tasks.ts'

/** The Neo API answers at `/api/v1/tasks` and under `/neo`. */
export const neo = defineDialect({
  name: 'neo',
  describe: {
    title: 'Mandate: the Neo dialect',
    description: 'Tasks that are answered as UI message streams of the AI SDK, or acknowledged with JSON.',
    tags: [
      {
        name: 'Tasks',
        description: 'Creating tasks, continuing them, deciding on what they ask, and reading them.',
        operations: {
          'POST /api/v1/tasks': 'createTask',
          'POST /api/v1/tasks/{id}/approve': 'approveTask',
          'GET /api/v1/tasks': 'listTasks',
          'GET /api/v1/tasks/{id}': 'readTask',
          'GET /api/v1/tasks/{id}/share': 'readSharedTask',
        },
      },
      {
        name: 'Streams',
        description: 'Runs as UI message streams.',
        operations: {
          'GET /api/v1/tasks/{id}/stream': 'resumeStream',
          'GET /api/v1/tasks/{id}/streams/{stream_id}': 'readStream',
        },
      },
      {
        name: 'Server',
        description: 'What this server says of itself.',
        operations: {
          'GET /openapi.json': 'readDocument',
        },
      },
    ],
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
  },
  refusals,
  liberal: {},
  routes(app, context) {
    addCreateRoute(app, context)
    addApproveRoute(app, context)
    addTaskRoutes(app, context)
    addStreamRoutes(app, context)
  },
})
