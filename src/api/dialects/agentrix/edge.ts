import { defineDialect } from '../../edge/define-dialect.ts'
import { allSchemas } from './contract/all-schemas.ts'
import { refusals } from './refusals.ts'
import { addChatRoutes } from './routes/chats.ts'
import { addEventRoutes } from './routes/events.ts'
import { addMessageRoute } from './routes/messages.ts'
import { addShareRoutes } from './routes/shares.ts'
import { addStartRoute } from './routes/start.ts'
import { addTaskRoutes } from './routes/tasks.ts'

/** Agentrix's API answers at its own paths and under `/agentrix`. */
export const agentrix = defineDialect({
  name: 'agentrix',
  describe: {
    title: 'Mandate, in the words of Agentrix',
    description: 'Chats with agents, and the tasks that are started in them. Refusals are `{code, error, message}`.',
    tags: [
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
        description: 'Starting tasks in a chat, steering them, and answering what they ask.',
        operations: {
          'POST /v1/agentrix/tasks/start': 'startTask',
          'GET /v1/tasks': 'listTasks',
          'GET /v1/tasks/{taskId}': 'readTask',
          'POST /v1/tasks/{taskId}/resume': 'resumeTask',
          'POST /v1/tasks/{taskId}/cancel': 'cancelTask',
          'POST /v1/tasks/{taskId}/stop': 'stopTask',
          'POST /v1/tasks/{taskId}/messages': 'sendMessage',
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
    ],
    contract: allSchemas,
    headers: ['Mandate-Ignored-Fields'],
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'A key, agx_…' } },
  },
  refusals,
  liberal: {
    // Clients send the content type with empty bodies too, as in a cancellation. The schema of a route finds the
    // fields that it needs.
    emptyIsNone: () => true,
    // The original refuses an empty title: where there is one it has 1 to 200 characters.
    emptyIsValue: ['customTitle'],
  },
  routes(app, context) {
    addChatRoutes(app, context)
    addStartRoute(app, context)
    addTaskRoutes(app, context)
    addMessageRoute(app, context)
    addEventRoutes(app, context)
    addShareRoutes(app, context)
  },
})
