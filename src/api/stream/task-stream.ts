import type { JournalEvent } from '../../domain/event.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import { isTerminal } from '../../domain/run-state.ts'
import { readJournal } from '../../engine/queries/read-journal.ts'
import { takeTurn } from '../../engine/queries/take-turn.ts'
import type { ServerDeps } from '../../engine/server-deps.ts'
import type { Delta } from '../../live/live.ts'
import { createDeltaGate, type DeltaGate, shownEventsMax } from './delta-gate.ts'
import { createDeltaRelay, type DeltaRelay } from './delta-relay.ts'
import { drainedOrAborted, keepBeating, type StreamSink } from './stream-sink.ts'

/** The events whose contents are held in memory at once for one reader. */
const chunkSize = 16

/** The format of events and deltas in one dialect and transport. */
export interface EventFormatter {
  /** Formats events, one frame each. */
  events(events: readonly JournalEvent[]): Promise<readonly string[]>
  delta(delta: Delta): string
}

/** The journal of a task, and the position from which its reader goes on. */
export interface TaskStreamRequest {
  readonly snapshot: TaskSnapshot
  /** The last seq that the reader has. */
  readonly after: number
  /** With it the stream goes on after the run has ended. */
  readonly follow: boolean
  /** The stream also ends after the first event for which this is true, as it does where the run has ended. */
  readonly endsAfter?: ((event: JournalEvent) => boolean) | undefined
  readonly signal: AbortSignal
  readonly formatter: EventFormatter
}

/**
 * A stream whose first events were read, so that nothing can be refused any more. It has to be run at once, or its signal
 * aborted.
 */
export interface TaskStream {
  /**
   * Writes until the run has ended and everything was written, or the signal is aborted; then it ends the sink. Where the
   * journal cannot be read on, it throws and leaves the sink as it is, since an end would look like the end of the run.
   */
  run(sink: StreamSink): Promise<void>
}

/**
 * Opens a journal for one reader: every event once and in order, and between them the deltas in their place. For a slow
 * reader deltas are dropped and the journal waits: it never holds more than `stream_buffer_bytes_max` and one chunk.
 */
export async function openTaskStream(deps: ServerDeps, request: TaskStreamRequest): Promise<TaskStream> {
  const { snapshot, after, follow, endsAfter, signal, formatter } = request
  const { task, run } = snapshot
  const position = { lastSeq: task.lastSeq, run: run.id, attempt: run.attempt, steps: run.steps }
  const gate = createDeltaGate(position, after, await readShownBefore(deps, snapshot, after))
  const bufferBytesMax = deps.limits.stream_buffer_bytes_max
  const relay = createDeltaRelay({ live: deps.live, taskId: task.id, gate, frame: formatter.delta, bufferBytesMax })
  const journal = readJournal(deps, task.id, { after, signal, follow })
  const pages = endsAfter === undefined ? journal : readUntil(journal, endsAfter)

  const { showChunk, showPage } = createShower({ formatter, gate, relay, signal, bufferBytesMax })
  /** Releases what is held where the stream is never run: a connection may be gone before it can be written to. */
  const discard = () => {
    relay.close()
    void pages.return()
  }

  try {
    const first = after < task.lastSeq ? ((await pages.next()).value ?? []) : []
    const firstEvents = first.slice(0, chunkSize)
    const firstFrames = firstEvents.length === 0 ? [] : await formatter.events(firstEvents)
    signal.addEventListener('abort', discard, { once: true })
    if (signal.aborted) discard()
    return {
      async run(sink) {
        signal.removeEventListener('abort', discard)
        const stopBeating = keepBeating(deps.clock, sink)
        try {
          relay.attach(sink)
          relay.release()
          await showChunk(sink, firstEvents, firstFrames)
          await showPage(sink, first.slice(chunkSize))
          for await (const page of pages) await showPage(sink, page)
        } finally {
          stopBeating()
          relay.close()
          await pages.return()
        }
        sink.end(signal.aborted ? 'at_once' : 'when_sent')
      },
    }
  } catch (error) {
    relay.close()
    await pages.return()
    throw error
  }
}

/** Reads pages up to the first event for which `isLast` is true. */
async function* readUntil(
  pages: AsyncGenerator<readonly JournalEvent[], void, void>,
  isLast: (event: JournalEvent) => boolean,
): AsyncGenerator<readonly JournalEvent[], void, void> {
  for await (const page of pages) {
    const last = page.findIndex(isLast)
    yield last < 0 ? page : page.slice(0, last + 1)
    if (last >= 0) return
  }
}

interface ShowerOptions {
  readonly formatter: EventFormatter
  readonly gate: DeltaGate
  readonly relay: DeltaRelay
  readonly signal: AbortSignal
  readonly bufferBytesMax: number
}

/**
 * Writes events in their places among the deltas, and waits for a slow reader. Nothing is written once the signal is aborted.
 */
function createShower({ formatter, gate, relay, signal, bufferBytesMax }: ShowerOptions) {
  const showChunk = async (sink: StreamSink, events: readonly JournalEvent[], frames: readonly string[]) => {
    if (signal.aborted) return
    for (const [at, event] of events.entries()) {
      sink.write(frames[at] ?? '')
      gate.shown(event)
      relay.release() // before the next event, which may end the place of held deltas
    }
    if (sink.waitingBytes > bufferBytesMax) await drainedOrAborted(sink, signal)
  }
  const showPage = async (sink: StreamSink, page: readonly JournalEvent[]) => {
    for (let at = 0; at < page.length && !signal.aborted; at += chunkSize) {
      if (at > 0) await takeTurn()
      const events = page.slice(at, at + chunkSize)
      await showChunk(sink, events, await formatter.events(events))
    }
  }
  return { showChunk, showPage }
}

/**
 * Reads the last events that the reader has, from which the gate learns which deltas have their place now. Nothing is read
 * where none can come.
 */
async function readShownBefore(
  { store }: ServerDeps,
  { task, run }: TaskSnapshot,
  after: number,
): Promise<readonly JournalEvent[]> {
  if (after === 0 || isTerminal(run.state)) return []
  const from = Math.max(0, after - shownEventsMax)
  return await store.readEvents(task.id, from, after - from)
}
