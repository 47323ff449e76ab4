import type { FastifyRequest } from 'fastify'
import { credentialOf } from '../../../../auth/credential-of.ts'
import { isRefusal } from '../../../../domain/refusal.ts'
import type { StreamSink } from '../../../stream/stream-sink.ts'
import { resolveAgent } from '../resolve-agent.ts'
import type { XagentParts } from '../xagent-parts.ts'
import { errorFrame } from './event-words.ts'

const streamMsMax = 3_600_000
const keyCheckedMs = 30_000

/** Ends a stream from within: after an hour, and when its key is not good any more. */
export interface StreamWatch {
  /** Aborted when the stream is to end. */
  readonly signal: AbortSignal
  /** The sink, which says why as its last frame. */
  lastWordTo(sink: StreamSink): StreamSink
  stop(): void
}

export function watchStream({ rooms, auth }: XagentParts, request: FastifyRequest): StreamWatch {
  const { clock, log } = rooms
  const ended = new AbortController()
  let lastFrame: string | undefined
  let cancelCheck: () => void = () => undefined
  const end = (frame: string) => {
    lastFrame ??= frame
    ended.abort()
  }
  const checkKey = async () => {
    try {
      await resolveAgent(rooms, await auth.authenticate(credentialOf(request.headers)))
    } catch (error) {
      if (isRefusal(error, 'unauthenticated'))
        return end(errorFrame('unauthorized', 'The API key is not valid any more.'))
      log.warn({ err: error, request: request.id }, 'the key of a stream could not be checked; trying again')
    }
    if (!stopped) plan()
  }
  const plan = () => {
    cancelCheck = clock.after(keyCheckedMs, () => void checkKey())
  }
  let stopped = false
  plan()
  const cancelExpiry = clock.after(streamMsMax, () => {
    end(errorFrame('stream_expired', 'A stream lasts an hour at most. Take it up again with Last-Event-ID.'))
  })
  return {
    signal: ended.signal,
    lastWordTo: (sink) => ({
      write: (frame) => sink.write(frame),
      get waitingBytes() {
        return sink.waitingBytes
      },
      drained: () => sink.drained(),
      beat: () => sink.beat(),
      end(how) {
        if (lastFrame !== undefined) sink.write(lastFrame)
        sink.end(lastFrame === undefined ? how : 'when_sent')
      },
    }),
    stop() {
      stopped = true
      cancelCheck()
      cancelExpiry()
    },
  }
}
