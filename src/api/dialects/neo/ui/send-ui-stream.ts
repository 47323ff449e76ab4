import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TaskSnapshot } from '../../../../domain/evolve.ts'
import type { Delta } from '../../../../live/live.ts'
import type { EdgeContext } from '../../../edge/define-dialect.ts'
import { sendEventStream } from '../../../edge/send-event-stream.ts'
import type { OpenStream } from '../../../stream/open-streams.ts'
import type { StreamSink } from '../../../stream/stream-sink.ts'
import { openTaskStream, type StreamWords } from '../../../stream/task-stream.ts'
import { type LoadedEvent, loadEvents } from './load-events.ts'
import { openRunMessage, projectDelta, projectEvent } from './project-run.ts'
import { chunkFrame, lastFrame, uiStreamHeaders } from './ui-chunk.ts'

export interface UiStreamRequest {
  readonly snapshot: TaskSnapshot
  /** The run whose message is told. */
  readonly run: string
  /** 0 for all of it. */
  readonly after: number
  readonly messageId?: string
  /** Taken before anything was done, so that a full server refuses before it. */
  readonly open: OpenStream
}

/** Streams one run as a UI message stream until the run has ended. What can be refused is refused before the headers. */
export function sendUiStream(
  { deps }: EdgeContext,
  request: FastifyRequest,
  reply: FastifyReply,
  wanted: UiStreamRequest,
): Promise<FastifyReply> {
  const { snapshot, after, open } = wanted
  const told = tellRun(deps.store, wanted)
  const signal = AbortSignal.any([open.signal, told.ended])
  return sendEventStream(deps.log, request, reply, {
    open,
    headers: uiStreamHeaders,
    async openJournal() {
      const request = { snapshot, after, follow: false, signal, words: told.words }
      return { first: '', journal: await openTaskStream(deps, request) }
    },
    lastFrame: ({ message }) => chunkFrame({ type: 'error', errorText: message }) + lastFrame,
    sinkOver: told.sink,
  })
}

/**
 * The words of a stream are chosen when they are written, not when they are read: what a delta has shown is left out of the
 * committed text, and events are read in chunks before their deltas have their place. So what goes to the sink are marks.
 */
function tellRun(store: Parameters<typeof loadEvents>[0], { snapshot, run, messageId }: UiStreamRequest) {
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
  const words: StreamWords = {
    async events(events) {
      const own = await loadEvents(
        store,
        events.filter((event) => event.run === run),
      )
      const marks = new Map(own.map((loaded) => [loaded.event.seq, mark(loaded)]))
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
  return { words, sink, ended: ended.signal }
}
