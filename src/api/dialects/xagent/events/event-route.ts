import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TaskSnapshot } from '../../../../domain/evolve.ts'
import { Refusal } from '../../../../domain/refusal.ts'
import { isTerminal } from '../../../../domain/run-state.ts'
import { createResponseSink } from '../../../stream/response-sink.ts'
import { eventStreamHeaders } from '../../../stream/sse-frame.ts'
import { openTaskStream } from '../../../stream/task-stream.ts'
import { answers, TaskParams } from '../answers.ts'
import { presentTask } from '../present-task.ts'
import { readXagentTask } from '../read-xagent-task.ts'
import { traceUpTo } from '../steps/read-steps.ts'
import type { XagentApp, XagentParts } from '../xagent-parts.ts'
import { completedFrame, eventWords, statusFrame } from './event-words.ts'
import { watchStream } from './watch-stream.ts'

/**
 * `GET …/events`: what happens from now on, or from the event that `Last-Event-ID` names. It ends with the task's latest turn,
 * after an hour, or when the key is taken back.
 */
export function addEventRoute(app: XagentApp, parts: XagentParts): void {
  const frames = {
    description: 'Frames until the latest turn has ended.',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  }
  const response = answers({ 200: frames }, ['task_not_found', 'invalid_input', 'limit_exceeded'])
  const schema = { summary: 'Watch a task (server-sent events)', params: TaskParams, response }
  app.get('/v1/chat/tasks/:task_id/events', { schema, exposeHeadRoute: false }, async (request, reply) => {
    const snapshot = await readXagentTask(parts.rooms, request.principal, request.params.task_id)
    return sendEvents(parts, request, reply, snapshot)
  })
}

async function sendEvents(
  parts: XagentParts,
  request: FastifyRequest,
  reply: FastifyReply,
  snapshot: TaskSnapshot,
): Promise<FastifyReply> {
  const { rooms, streams, quota } = parts
  const { task, run } = snapshot
  const after = seenBefore(request.headers['last-event-id'], task.lastSeq)
  const giveBack = quota.take(task.id, request.principal.keyId ?? '')
  try {
    const open = streams.open()
    const watch = watchStream(parts, request)
    try {
      const trace = await traceUpTo(rooms, task.id, after)
      const first = [statusFrame(after, trace)]
      if (isTerminal(run.state) && after === task.lastSeq) {
        first.push(completedFrame(after, await presentTask(rooms, snapshot, request.agent)))
      }
      const words = eventWords(rooms.store, snapshot, trace)
      const signal = AbortSignal.any([open.signal, watch.signal])
      const stream = await openTaskStream(rooms, { snapshot, after, follow: false, signal, words })
      const { raw } = reply
      raw.once('close', open.close)
      const headers = reply.getHeaders()
      reply.hijack()
      raw.writeHead(200, { ...(headers as Record<string, string>), ...eventStreamHeaders })
      const sink = watch.lastWordTo(createResponseSink(raw))
      sink.write(first.join(''))
      await stream.run(sink)
    } finally {
      watch.stop()
      open.close()
    }
  } catch (error) {
    // After the headers nothing can be said any more: the connection is cut, and the reader takes up where it was.
    if (!reply.raw.headersSent) throw error
    rooms.log.error({ err: error, request: request.id }, 'a stream broke')
    reply.raw.destroy()
  } finally {
    giveBack()
  }
  return reply
}

/** The last seq that a reader has seen; without `Last-Event-ID` it is told nothing of what was before. */
function seenBefore(lastEventId: string | string[] | undefined, lastSeq: number): number {
  if (lastEventId === undefined || lastEventId === '') return lastSeq
  const text = String(lastEventId)
  if (/^\d{1,15}$/u.test(text) && Number(text) <= lastSeq) return Number(text)
  const fields = [{ field: 'Last-Event-ID', message: `must be the id of a frame, ${lastSeq} at most` }]
  throw new Refusal('invalid_input', 'Last-Event-ID is not the id of a frame of this task.', { fields })
}
