import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import { createResponseSink } from '../stream/response-sink.ts'
import { eventStreamHeaders, retryFrame } from '../stream/sse-frame.ts'
import { openTaskStream } from '../stream/task-stream.ts'
import { sseWords } from './event-words.ts'
import type { NativeParts } from './native-parts.ts'

interface StreamRequest {
  readonly snapshot: TaskSnapshot
  readonly after: number
  readonly follow: boolean
}

/** Streams a journal as server-sent events until the run has ended. What can be refused is refused before the headers. */
export async function sendStream(
  { rooms, streams }: NativeParts,
  request: FastifyRequest,
  reply: FastifyReply,
  wanted: StreamRequest,
): Promise<FastifyReply> {
  const open = streams.open()
  try {
    const words = sseWords(rooms.store)
    const stream = await openTaskStream(rooms, { ...wanted, signal: open.signal, words })
    const { raw } = reply
    raw.once('close', open.close)
    const headers = reply.getHeaders()
    reply.hijack()
    raw.writeHead(200, { ...(headers as Record<string, string>), ...eventStreamHeaders })
    const sink = createResponseSink(raw)
    sink.write(retryFrame)
    await stream.run(sink)
  } catch (error) {
    // After the headers nothing can be said any more: the connection is cut, and the reader takes up where it was.
    if (!reply.raw.headersSent) throw error
    rooms.log.error({ err: error, request: request.id }, 'a stream broke')
    reply.raw.destroy()
  } finally {
    open.close()
  }
  return reply
}
