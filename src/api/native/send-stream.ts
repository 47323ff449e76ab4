import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AccessedTask } from '../../engine/access/read-task.ts'
import { sendEventStream } from '../edge/send-event-stream.ts'
import type { OpenStream } from '../stream/open-streams.ts'
import { deltaFrame, retryFrame } from '../stream/sse-frame.ts'
import { openTaskStream } from '../stream/task-stream.ts'
import type { ProblemMessage } from './contract/delta.ts'
import { createSseFormatter } from './event-formatters.ts'
import type { NativeContext } from './native-context.ts'
import { problemOf } from './problem-of.ts'

interface StreamRequest {
  /** The place among the open streams. It is released when the stream ends. */
  readonly open: OpenStream
  readonly snapshot: AccessedTask
  readonly after: number
  readonly follow: boolean
}

/** Streams a journal as server-sent events until the run has ended. Refusals are thrown before the headers are sent. */
export function sendStream(
  { deps }: NativeContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { open, ...streamRequest }: StreamRequest,
): Promise<FastifyReply> {
  return sendEventStream(deps.log, request, reply, {
    open,
    async openJournal() {
      const request = {
        ...streamRequest,
        signal: open.signal,
        formatter: createSseFormatter(deps.store, streamRequest.snapshot.access),
      }
      return { first: retryFrame, journal: await openTaskStream(deps, request) }
    },
    lastFrame(revoked) {
      const { type, data }: ProblemMessage = { type: 'problem', data: problemOf(revoked) }
      return deltaFrame(type, JSON.stringify(data))
    },
  })
}
