import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../../domain/refusal.ts'
import { isTerminal } from '../../domain/run-state.ts'
import { type AccessedTask, readTaskFor } from '../../engine/access/read-task.ts'
import { withinLimit } from '../../engine/settings/within-limit.ts'
import { pageSizeDefault } from '../edge/pages.ts'
import { answers, IdSchema } from './answers.ts'
import { checkSeen } from './check-seen.ts'
import { EventPageSchema } from './contract/event.ts'
import { type EventQuery, EventQuerySchema } from './contract/task-requests.ts'
import { eventSocket } from './event-socket.ts'
import type { NativeApp, NativeContext } from './native-context.ts'
import { wantsStream } from './preferences.ts'
import { readEventViews } from './present-event.ts'
import { taskIdOf } from './read-task-view.ts'
import { sendStream } from './send-stream.ts'

/**
 * Adds the routes that read the journal of a task: as a page, as server-sent events, and as a WebSocket. All three
 * have the same events.
 */
export function addEventRoutes(app: NativeApp, context: NativeContext): void {
  const { deps } = context
  const events = {
    description: 'A page of events, or the stream of them.',
    content: {
      'application/json': { schema: EventPageSchema },
      'text/event-stream': { schema: { type: 'string' } },
    },
  }
  const nothingMore = { description: 'Streams only: the run has ended and nothing came after what was seen.' }
  const response = answers({ 200: events, 204: nothingMore }, ['task_not_found', 'invalid_input', 'limit_exceeded'])
  app.route({
    method: 'GET',
    url: '/v1/tasks/:id/events',
    schema: {
      summary: 'Read the events of a task',
      requestHeaders: ['Last-Event-ID'],
      params: IdSchema,
      querystring: EventQuerySchema,
      response,
    },
    config: { socket: true },
    ...context.sockets.options(app, eventSocket(context)),
    handler: async (request, reply) => {
      const { query, headers } = request
      const id = await taskIdOf(deps, request.params.id)
      const snapshot = await readTaskFor(deps, request.principal, id)
      if (wantsStream(headers.accept) && request.method === 'GET') {
        return sendEvents(context, request, reply, snapshot, query)
      }
      return readPage(context, snapshot, query)
    },
  })
}

async function readPage({ deps }: NativeContext, { task, access }: AccessedTask, { after = 0, limit }: EventQuery) {
  const size = limit ?? Math.min(pageSizeDefault, deps.limits.page_size_max)
  withinLimit(deps.limits, 'page_size_max', 'limit', size)
  const found = await deps.store.readEvents(task.id, after, size + 1)
  return { events: await readEventViews(deps.store, found.slice(0, size), access), has_more: found.length > size }
}

async function sendEvents(
  context: NativeContext,
  request: FastifyRequest,
  reply: FastifyReply,
  snapshot: AccessedTask,
  query: EventQuery,
): Promise<FastifyReply> {
  const { task, run } = snapshot
  const after = seenBefore(request.headers['last-event-id'], query)
  checkSeen(snapshot, after)
  const follow = query.follow ?? false
  // The EventSource of a browser stops to reconnect only after a 204.
  if (!follow && isTerminal(run.state) && after >= task.lastSeq) return reply.code(204).send()
  return sendStream(context, request, reply, { snapshot, after, follow, open: context.streams.open(request.principal) })
}

/**
 * Reads the seq of the last event that a reader has seen. `Last-Event-ID`, which a browser sends by itself when it
 * reconnects, takes precedence over `after`.
 */
function seenBefore(lastEventId: string | string[] | undefined, { after }: EventQuery): number {
  if (lastEventId === undefined || lastEventId === '') return after ?? 0
  const text = String(lastEventId)
  if (/^\d{1,15}$/u.test(text)) return Number(text)
  const fields = [{ field: 'Last-Event-ID', message: 'must be the seq of an event' }]
  throw new Refusal('invalid_input', 'Last-Event-ID is not the seq of an event.', { fields })
}
