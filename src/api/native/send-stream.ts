import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import type { OpenStream } from '../stream/open-streams.ts'
import { createResponseSink } from '../stream/response-sink.ts'
import { eventStreamHeaders, retryFrame } from '../stream/sse-frame.ts'
import { openTaskStream } from '../stream/task-stream.ts'
import { sseWords } from './event-words.ts'
import type { NativeParts } from './native-parts.ts'

interface StreamRequest {
  /** Its place among the streams; given back when the stream ends. */
  readonly open: OpenStream
  readonly snapshot: TaskSnapshot
  readonly after: number
  readonly follow: boolean
}

/** Streams a journal as server-sent events until the run has ended. What can be refused is refused before the headers. */
export async function sendStream(
  { rooms }: NativeParts,
  request: FastifyRequest,
  reply: FastifyReply,
  { open, ...wanted }: StreamRequest,
): Promise<FastifyReply> {
  const { raw } = reply
  raw.once('close', open.close)
  if (raw.destroyed) open.close() // gone while the request was carried out
  try {
    const words = sseWords(rooms.store)
    const stream = await openTaskStream(rooms, { ...wanted, signal: open.signal, words })
    const headers = reply.getHeaders()
    reply.hijack()
    raw.writeHead(200, { ...(headers as Record<string, string>), ...eventStreamHeaders })
    const sink = createResponseSink(raw)
    sink.write(retryFrame)
    await stream.run(sink)
  } catch (error) {
    // After the headers nothing can be said any more: the connection is cut, and the reader takes up where it was.
    if (!raw.headersSent) throw error
    rooms.log.error({ err: error, request: request.id }, 'a stream broke')
    raw.destroy()
  } finally {
    open.close()
  }
  return reply
}
