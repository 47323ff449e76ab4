import type { FastifyReply, FastifyRequest } from 'fastify'
import type { JournalEvent } from '../../../../domain/event.ts'
import type { TaskSnapshot } from '../../../../domain/evolve.ts'
import type { Delta } from '../../../../live/live.ts'
import type { EdgeContext } from '../../../edge/define-dialect.ts'
import { sendEventStream } from '../../../edge/send-event-stream.ts'
import type { OpenStream } from '../../../stream/open-streams.ts'
import type { StreamSink } from '../../../stream/stream-sink.ts'
import { type EventFormatter, openTaskStream } from '../../../stream/task-stream.ts'
import { type LoadedEvent, loadEvents } from './load-events.ts'
import { continueRunMessage, openRunMessage, projectDelta, projectEvent, suspendRunMessage } from './project-run.ts'
import { chunkFrame, lastFrame, type UiChunk, uiStreamHeaders } from './ui-chunk.ts'

/** A request to stream one run as a UI message stream. */
export interface UiStreamRequest {
  readonly snapshot: TaskSnapshot
  /** The run whose message is streamed. */
  readonly run: string
  /** The seq after which the stream begins, 0 for the whole run. */
  readonly after: number
  readonly messageId?: string
  /**
   * The prompts whose answers the stream goes on with. The client holds the message up to where they were opened, so that
   * only what follows is sent.
   */
  readonly answered?: ReadonlySet<string> | undefined
  /**
   * The place among the open streams. It is taken before anything else is done, so that a full server refuses early.
   */
  readonly open: OpenStream
}

/**
 * Streams one run as a UI message stream until the run has ended or waits for people. Refusals are thrown before the
 * headers are sent.
 */
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

/** An event or a delta that has its place in the stream. An event of another run only has its place. */
interface Marked {
  readonly seq: number
  readonly shown: LoadedEvent | Delta | undefined
}

/**
 * Projects a run onto the stream. Chunks are made when they are written and not when their events are read, because a
 * text that deltas have shown is left out of the committed one, and events are read in batches before their deltas
 * have their place. The journal therefore yields keys, and the sink replaces each by its chunks.
 */
function createRunProjection(store: Parameters<typeof loadEvents>[0], request: UiStreamRequest) {
  const { snapshot, run, messageId } = request
  const marked = new Map<string, Marked>()
  const ended = new AbortController()
  const unseen = new Set(request.answered)
  let isSilent = unseen.size > 0
  let state = openRunMessage(snapshot.task.id, run, messageId)
  const isEnded = () => state.phase === 'ended'
  let count = 0
  const mark = (what: Marked): string => {
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
      const loaded = new Map(ofRun.map((one) => [one.event.seq, one]))
      return events.map(({ seq }) => mark({ seq, shown: loaded.get(seq) }))
    },
    delta: (delta) => mark({ seq: 0, shown: delta }),
  }
  /** The chunks of what has its place now, in the order in which they are written. */
  const chunksOf = ({ seq, shown }: Marked): UiChunk[] => {
    const chunks: UiChunk[] = []
    if (shown !== undefined) {
      const projected = 'event' in shown ? projectEvent(state, shown) : projectDelta(state, shown)
      state = projected.state
      if (!isSilent) chunks.push(...projected.chunks)
    }
    const event = shown !== undefined && 'event' in shown ? shown.event : undefined
    if (event?.kind === 'prompt.opened') unseen.delete(event.facts.prompt)
    if (isSilent && (unseen.size === 0 || seq >= snapshot.task.lastSeq)) {
      isSilent = false
      chunks.push(...continueRunMessage(state))
    }
    if (!isEnded() && (waitsAt(snapshot, run, seq) || beginsToWait(snapshot, event))) {
      const suspended = suspendRunMessage(state)
      state = suspended.state
      chunks.push(...suspended.chunks)
    }
    return chunks
  }
  const sink = (to: StreamSink): StreamSink => ({
    write(key) {
      const what = marked.get(key)
      marked.delete(key)
      if (what === undefined || isEnded()) return
      for (const chunk of chunksOf(what)) to.write(chunkFrame(chunk))
      if (!isEnded()) return
      to.write(lastFrame)
      ended.abort() // a later run of the task is another stream
    },
    get waitingBytes() {
      return to.waitingBytes
    },
    drained: () => to.drained(),
    beat: () => to.beat(),
    end: (how) => to.end(isEnded() ? 'when_sent' : how),
  })
  return { formatter, sink, ended: ended.signal }
}

/** Whether the run waited already when the stream was opened, and everything until then was read. */
function waitsAt({ task, run }: TaskSnapshot, streamed: string, seq: number): boolean {
  return run.state === 'waiting' && run.id === streamed && seq === task.lastSeq
}

/** Whether the run begins to wait by an event that came after the stream was opened. An earlier wait is over. */
function beginsToWait({ task }: TaskSnapshot, event: JournalEvent | undefined): boolean {
  return event?.kind === 'run.waiting' && event.seq > task.lastSeq
}
