import type { ApiPart } from '../../openapi/api-description.ts'

/** The operations by the part of the API that they belong to, each with its name in generated clients. */
export const apiParts: readonly ApiPart[] = [
  {
    name: 'Tasks',
    description: 'Tasks for the agent that the key is bound to.',
    operations: {
      'POST /v1/chat/tasks': 'createTask',
      'GET /v1/chat/tasks/{task_id}': 'readTask',
      'POST /v1/chat/tasks/{task_id}/messages': 'addMessage',
      'GET /v1/chat/tasks/{task_id}/steps': 'listSteps',
      'GET /v1/chat/tasks/{task_id}/events': 'watchTask',
    },
  },
]
