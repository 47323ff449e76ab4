import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TaskSnapshot } from '../../../../domain/evolve.ts'
import type { Delta } from '../../../../live/live.ts'
import type { EdgeContext } from '../../../edge/define-dialect.ts'
import { sendEventStream } from '../../../edge/send-event-stream.ts'
import type { OpenStream } from '../../../stream/open-streams.ts'
import type { StreamSink } from '../../../stream/stream-sink.ts'
import { type EventFormatter, openTaskStream } from '../../../stream/task-stream.ts'
import { type LoadedEvent, loadEvents } from './load-events.ts'
import { openRunMessage, projectDelta, projectEvent } from './project-run.ts'
import { chunkFrame, lastFrame, uiStreamHeaders } from './ui-chunk.ts'

/** A request to stream one run as a UI message stream. */
export interface UiStreamRequest {
  readonly snapshot: TaskSnapshot
  /** The run whose message is streamed. */
  readonly run: string
  /** The seq after which the stream begins, 0 for the whole run. */
  readonly after: number
  readonly messageId?: string
  /**
   * The place among the open streams. It is taken before anything else is done, so that a full server refuses early.
   */
  readonly open: OpenStream
}

/** Streams one run as a UI message stream until the run has ended. Refusals are thrown before the headers are sent. */
export function sendUiStream(
  { deps }: EdgeContext,
  request: FastifyRequest,
  reply: FastifyReply,
  streamRequest: UiStreamRequest,
): Promise<FastifyReply> {
  const { snapshot, after, open } = streamRequest
  const projection = createRunProjection(deps.store, streamRequest)
  const signal = AbortSignal.any([open.signal, projection.ended])
  return sendEventStream(deps.log, request, reply, {
    open,
    headers: uiStreamHeaders,
    async openJournal() {
      const request = { snapshot, after, follow: false, signal, formatter: projection.formatter }
      return { first: '', journal: await openTaskStream(deps, request) }
    },
    lastFrame: ({ message }) => chunkFrame({ type: 'error', errorText: message }) + lastFrame,
    sinkOver: projection.sink,
  })
}

/**
 * Projects a run onto the stream. Chunks are made when they are written and not when their events are read, because a
 * text that deltas have shown is left out of the committed one, and events are read in batches before their deltas
 * have their place. The journal therefore yields keys, and the sink replaces each by its chunks.
 */
function createRunProjection(store: Parameters<typeof loadEvents>[0], { snapshot, run, messageId }: UiStreamRequest) {
  const marked = new Map<string, LoadedEvent | Delta>()
  const ended = new AbortController()
  let state = openRunMessage(snapshot.task.id, run, messageId)
  let count = 0
  const mark = (what: LoadedEvent | Delta): string => {
    count += 1
    const key = String(count)
    marked.set(key, what)
    return key
  }
  const formatter: EventFormatter = {
    async events(events) {
      const ofRun = await loadEvents(
        store,
        events.filter((event) => event.run === run),
      )
      const marks = new Map(ofRun.map((loaded) => [loaded.event.seq, mark(loaded)]))
      return events.map(({ seq }) => marks.get(seq) ?? '')
    },
    delta: mark,
  }
  const sink = (to: StreamSink): StreamSink => ({
    write(key) {
      const what = marked.get(key)
      marked.delete(key)
      if (what === undefined || state.phase === 'ended') return
      const projected = 'event' in what ? projectEvent(state, what) : projectDelta(state, what)
      state = projected.state
      for (const chunk of projected.chunks) to.write(chunkFrame(chunk))
      if (state.phase !== 'ended') return
      to.write(lastFrame)
      ended.abort() // a later run of the task is another stream
    },
    get waitingBytes() {
      return to.waitingBytes
    },
    drained: () => to.drained(),
    beat: () => to.beat(),
    end: (how) => to.end(state.phase === 'ended' ? 'when_sent' : how),
  })
  return { formatter, sink, ended: ended.signal }
}
