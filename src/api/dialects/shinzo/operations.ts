import type { ApiPart } from '../../openapi/api-description.ts'

/** The operations by the part of the API that they belong to, each with its name in generated clients. */
export const apiParts: readonly ApiPart[] = [
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
]
