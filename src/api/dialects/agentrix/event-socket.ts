import type { FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import { isRefusal, Refusal } from '../../../domain/refusal.ts'
import type { Task } from '../../../domain/task.ts'
import type { Live } from '../../../live/live.ts'
import type { Store } from '../../../store/store.ts'
import type { OpenStream } from '../../stream/open-streams.ts'
import { createSocketSink } from '../../stream/socket-sink.ts'
import { openTaskStream, type StreamWords, type TaskStream } from '../../stream/task-stream.ts'
import type { AgentrixParts } from './agentrix-parts.ts'
import type { EventQuery } from './contract/event.ts'
import { readEventViews, seqOf, sequenceOf } from './present-event.ts'
import { readTask } from './read-task.ts'
import { refusalTable } from './refusal-table.ts'
import { errorBody } from './send-refusal.ts'

/** What has a sequence is streamed, not a model's words as they come. */
const noDeltas: Live = { publish: () => undefined, settle: () => undefined, listen: () => () => undefined }

interface Opened {
  readonly stream: TaskStream
  readonly open: OpenStream
}

/** Streams that were opened before the upgrade, so that a refusal is still an HTTP answer. */
const opened = new WeakMap<FastifyRequest, Opened>()

/** Opens the stream of a WebSocket. Refuses as any request. */
export async function openBeforeUpgrade(parts: AgentrixParts, request: FastifyRequest): Promise<void> {
  if (request.ws) opened.set(request, await openStream(parts, request))
}

/** Every event after the sequence that was seen, oldest first, one message each, until the run has ended. */
export async function acceptSocket(parts: AgentrixParts, socket: WebSocket, request: FastifyRequest): Promise<void> {
  const ready = opened.get(request)
  if (ready === undefined) throw new Error('A socket was accepted whose stream was not opened.')
  const { stream, open } = ready
  try {
    socket.on('close', open.close)
    if (socket.readyState !== socket.OPEN) open.close()
    await stream.run(createSocketSink(socket))
  } catch (error) {
    breakSocket(parts, socket, request, error)
  } finally {
    open.close()
  }
}

async function openStream({ rooms, streams }: AgentrixParts, request: FastifyRequest): Promise<Opened> {
  const snapshot = await readTask(rooms, request.principal, (request.params as { taskId: string }).taskId)
  const { after: seen } = request.query as EventQuery
  const after = seen === undefined ? 0 : seqOf(seen)
  const { task } = snapshot
  if (after > task.lastSeq) throw notSeen(task)
  const open = streams.open()
  try {
    const words = eventWords(rooms.store, task)
    const wanted = { snapshot, after, follow: false, signal: open.signal, words }
    return { open, stream: await openTaskStream({ ...rooms, live: noDeltas }, wanted) }
  } catch (error) {
    open.close()
    throw error
  }
}

/** Nobody can have seen what is not there: such a reader would miss what comes. */
function notSeen({ lastSeq }: Task): Refusal {
  const fields = [{ field: 'after', message: `must be at most ${sequenceOf(lastSeq)}, the latest sequence` }]
  return new Refusal('invalid_input', 'There are not so many events.', { fields })
}

function eventWords(store: Store, task: Task): StreamWords {
  return {
    async events(events) {
      return (await readEventViews(store, task, events)).map((view) => JSON.stringify(view))
    },
    delta: () => '',
  }
}

/** Says why as a last message, and closes with 4000 and the HTTP status. */
function breakSocket({ rooms }: AgentrixParts, socket: WebSocket, request: FastifyRequest, error: unknown): void {
  if (!isRefusal(error)) rooms.log.error({ err: error, request: request.id }, 'a socket broke')
  const refusal = isRefusal(error) ? error : new Refusal('internal', 'Something went wrong in the server.')
  if (socket.readyState !== socket.OPEN) return
  const { status, code } = refusalTable[refusal.code]
  socket.send(JSON.stringify(errorBody(refusal)))
  socket.close(4000 + status, code)
}
