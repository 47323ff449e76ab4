import type { DialectApp, EdgeContext } from '../../../edge/define-dialect.ts'
import { json } from '../../../edge/define-refusals.ts'
import { instantOf } from '../../../edge/instants.ts'
import { EventMetaSchema, EventPageSchema, EventQuerySchema, FilledSchema, FillSchema } from '../contract/event.ts'
import { TaskParams } from '../contract/task.ts'
import { TaskMessageSchema } from '../contract/task-message.ts'
import { readEventPage, readSequences, sequenceOf } from '../events.ts'
import { answers, answersToBody } from '../refusals.ts'
import { readTask } from '../request.ts'
import { type CheckMessage, eventSocket } from './event-socket.ts'

/**
 * Adds the routes that read the journal of a task: in pages, by the sequences that a client has missed, and as a
 * WebSocket.
 */
export function addEventRoutes(app: DialectApp, context: EdgeContext): void {
  const { deps } = context
  const response = answers({ 200: json('A page of events.', EventPageSchema) }, [
    'task_not_found',
    'invalid_input',
    'limit_exceeded',
  ])
  const compiled = { schema: TaskMessageSchema, method: 'POST', url: '/v1/tasks/:taskId/messages', httpPart: 'body' }
  const checkMessage = app.validatorCompiler?.(compiled) as CheckMessage
  app.route({
    method: 'GET',
    url: '/v1/tasks/:taskId/events',
    schema: { summary: 'Read events, newest first', params: TaskParams, querystring: EventQuerySchema, response },
    config: { socket: true },
    ...context.sockets.options(app, eventSocket(context, checkMessage)),
    handler: async ({ params, query, principal }) => {
      return readEventPage(deps.store, await readTask(deps, principal, params.taskId), query)
    },
  })
  const filled = answersToBody({ 200: json('The events of these sequences.', FilledSchema) }, ['task_not_found'])
  app.post(
    '/v1/tasks/:taskId/events/fill',
    {
      config: { readsOnly: true },
      schema: { summary: 'Read missed events', params: TaskParams, body: FillSchema, response: filled },
    },
    async ({ params, body, principal }) => {
      const task = await readTask(deps, principal, params.taskId)
      return { events: await readSequences(deps.store, task, body.sequences) }
    },
  )
  const metaResponse = answers({ 200: json('How far the journal goes.', EventMetaSchema) }, ['task_not_found'])
  app.get(
    '/v1/tasks/:taskId/events/meta',
    { schema: { summary: 'See how far the events go', params: TaskParams, response: metaResponse } },
    async ({ params, principal }) => {
      const { task } = await readTask(deps, principal, params.taskId)
      return {
        latestSequence: sequenceOf(task.lastSeq),
        earliestSequence: 0,
        updatedAt: instantOf(task.updatedAt),
      }
    },
  )
}
