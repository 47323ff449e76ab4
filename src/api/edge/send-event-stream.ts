import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Refusal } from '../../domain/refusal.ts'
import type { Log } from '../../engine/engine-deps.ts'
import type { OpenStream } from '../stream/open-streams.ts'
import { createResponseSink } from '../stream/response-sink.ts'
import { eventStreamHeaders } from '../stream/sse-frame.ts'
import { endingWith, type StreamSink } from '../stream/stream-sink.ts'
import type { TaskStream } from '../stream/task-stream.ts'

/** Defines the parts of a stream of server-sent events that differ between dialects. */
export interface EventStream {
  /** The place among the open streams. It is released when the stream ends. */
  readonly open: OpenStream
  /** These headers are sent beside those of every such stream. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * Opens the journal. Refusals are thrown here, before the headers are sent. `first` is sent before the first event.
   */
  openJournal(): Promise<{ readonly journal: TaskStream; readonly first: string }>
  /** Writes the last frame where the key of the caller was revoked during the stream. */
  lastFrame(revoked: Refusal): string
  /** Wraps the connection, where the journal is not written to it directly. */
  sinkOver?: ((connection: StreamSink) => StreamSink) | undefined
}

/**
 * Streams a journal as server-sent events until the run has ended, the reader has disconnected or may read no longer.
 */
export async function sendEventStream(
  log: Log,
  request: FastifyRequest,
  reply: FastifyReply,
  { open, headers, openJournal, lastFrame, sinkOver }: EventStream,
): Promise<FastifyReply> {
  const { raw } = reply
  raw.once('close', open.close)
  if (raw.destroyed) open.close() // gone while the request was carried out
  try {
    const { journal, first } = await openJournal()
    const before = reply.getHeaders() as Record<string, string>
    reply.hijack()
    raw.writeHead(200, { ...before, ...eventStreamHeaders, ...headers })
    const response = createResponseSink(raw)
    const connection = endingWith(response, (how) => {
      if (open.revoked !== undefined) response.write(lastFrame(open.revoked))
      response.end(how)
    })
    response.write(first)
    await journal.run(sinkOver?.(connection) ?? connection)
  } catch (error) {
    // After the headers an error cannot be answered. The connection is closed, and the reader resumes at its last
    // event.
    if (!raw.headersSent) throw error
    log.error({ err: error, request: request.id }, 'a stream broke')
    raw.destroy()
  } finally {
    open.close()
  }
  return reply
}
