import type { ApiPart } from '../../openapi/api-description.ts'

/** The operations by the part of the API that they belong to, each with its name in generated clients. */
export const apiParts: readonly ApiPart[] = [
  {
    name: 'Tasks',
    description: 'Creating tasks, continuing them and reading them.',
    operations: {
      'POST /api/v1/tasks': 'createTask',
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
]
