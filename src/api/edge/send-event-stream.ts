import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Refusal } from '../../domain/refusal.ts'
import type { Log } from '../../engine/engine-deps.ts'
import type { OpenStream } from '../stream/open-streams.ts'
import { createResponseSink } from '../stream/response-sink.ts'
import { eventStreamHeaders } from '../stream/sse-frame.ts'
import { endingWith, type StreamSink } from '../stream/stream-sink.ts'
import type { TaskStream } from '../stream/task-stream.ts'

/** What is a dialect's own about a stream of server-sent events. */
export interface EventStream {
  /** Its place among the streams; given back when it ends. */
  readonly open: OpenStream
  /** Beside those of every such stream. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** What can be refused is refused here, before the headers. `first` is sent before the first event. */
  openJournal(): Promise<{ readonly journal: TaskStream; readonly first: string }>
  /** The last frame where the caller's key was taken back while the stream lasted. */
  lastFrame(revoked: Refusal): string
  /** What stands between the journal and the connection; undefined: nothing. */
  sinkOver?: ((connection: StreamSink) => StreamSink) | undefined
}

/** Streams a journal as server-sent events until the run has ended, the reader is gone or may read no longer. */
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
    // After the headers nothing can be said any more: the connection is cut, and the reader takes up where it was.
    if (!raw.headersSent) throw error
    log.error({ err: error, request: request.id }, 'a stream broke')
    raw.destroy()
  } finally {
    open.close()
  }
  return reply
}
