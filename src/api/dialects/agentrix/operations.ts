import type { ApiPart } from '../../openapi/api-description.ts'

/** The operations by the part of the API that they belong to, each with its name in generated clients. */
export const apiParts: readonly ApiPart[] = [
  {
    name: 'Chats',
    description: 'Where people and agents meet.',
    operations: {
      'POST /v1/agentrix/chats': 'createChat',
      'GET /v1/chats': 'listChats',
      'GET /v1/chats/{chatId}': 'readChat',
    },
  },
  {
    name: 'Tasks',
    description: 'Starting tasks in a chat, and steering them.',
    operations: {
      'POST /v1/agentrix/tasks/start': 'startTask',
      'GET /v1/tasks': 'listTasks',
      'GET /v1/tasks/{taskId}': 'readTask',
      'POST /v1/tasks/{taskId}/resume': 'resumeTask',
      'POST /v1/tasks/{taskId}/cancel': 'cancelTask',
      'POST /v1/tasks/{taskId}/stop': 'stopTask',
    },
  },
  {
    name: 'Events',
    description: 'What happened on a task.',
    operations: {
      'GET /v1/tasks/{taskId}/events': 'listEvents',
      'POST /v1/tasks/{taskId}/events/fill': 'fillEvents',
      'GET /v1/tasks/{taskId}/events/meta': 'readEventMeta',
    },
  },
  {
    name: 'Sharing',
    description: 'Links to tasks.',
    operations: {
      'POST /v1/agentrix/tasks/{taskId}/share': 'shareTask',
      'GET /v1/auth/share': 'readSharedTask',
    },
  },
]
