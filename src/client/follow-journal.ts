import type { EventSourceMessage } from 'eventsource-parser'
import type { DeltaKind, DeltaMessage } from '../api/native/contract/delta.ts'
import type { EventView } from '../api/native/contract/event.ts'
import type { TaskView } from '../api/native/contract/task.ts'
import { isTerminal } from '../domain/run-state.ts'
import { ClientError } from './client-error.ts'
import { createDeltaSieve } from './delta-sieve.ts'
import { readFrames } from './read-frames.ts'
import { defaultReconnectRule, type ReconnectRule, reconnectDelayMs } from './reconnect-rule.ts'
import { type Connection, interruptedError, requestJson, sendRequest } from './send-request.ts'

/** The part of a journal to read, and callbacks for the events around it. */
export interface FollowOptions {
  /** Only events with a higher seq are read. The default is 0, which reads all. */
  readonly after?: number
  readonly signal?: AbortSignal | undefined
  /** Called with streamed text before the event that holds the whole of it. No text is passed on twice. */
  readonly onDelta?: ((delta: DeltaMessage) => void) | undefined
  /** Called before each wait, when the connection is interrupted and will be tried again. */
  readonly onInterrupted?: ((error: ClientError, delayMs: number) => void) | undefined
}

/** The dependencies of a journal reader. */
export interface FollowDeps {
  /** Resolves after `ms`, or rejects with the signal's reason as soon as it is aborted. */
  readonly wait: (ms: number, signal: AbortSignal | undefined) => Promise<void>
  /** A random number in [0, 1). */
  readonly random: () => number
  readonly rule?: ReconnectRule
}

/**
 * Yields the journal of a task from `after` on, each event once and in order, until its latest run has ended. An
 * interrupted connection is resumed after the last event that arrived, and repeated events are dropped. Throws
 * ClientError at once where asking again cannot help (401, 404, …), and after too many successive tries that brought
 * nothing new. Throws the signal's reason when it is aborted.
 */
export async function* followJournal(
  connection: Connection,
  taskId: string,
  options: FollowOptions,
  deps: FollowDeps,
): AsyncGenerator<EventView, void, void> {
  const rule = deps.rule ?? defaultReconnectRule
  const reader = createReader(connection, taskId, options)
  for (let tried = 0; ; ) {
    try {
      yield* reader.read()
      if (await reader.isAtEnd()) return
      throw new ClientError(0, 'stream_ended', 'The stream of events ended before the task did.')
    } catch (error) {
      if (!(error instanceof ClientError && error.retryable)) throw error
      tried = reader.takeProgress() ? 1 : tried + 1
      if (tried >= rule.triesMax) throw error
      const delay = reconnectDelayMs(rule, tried, deps.random(), error.retryAfterMs)
      options.onInterrupted?.(error, delay)
      await deps.wait(delay, options.signal)
    }
  }
}

/**
 * Reads one connection after the other. It keeps what survives an interruption: the last seq and the text that were
 * passed on.
 */
function createReader(connection: Connection, taskId: string, options: FollowOptions) {
  const { signal, onDelta } = options
  const path = `/tasks/${encodeURIComponent(taskId)}`
  const sieve = createDeltaSieve()
  let seen = options.after ?? 0
  let news = false

  async function* read(): AsyncGenerator<EventView, void, void> {
    const headers = { accept: 'text/event-stream', 'last-event-id': String(seen) }
    const { body } = await sendRequest(connection, { path: `${path}/events`, headers, signal })
    if (body === null) return
    const frames = readFrames(body)
    try {
      for (;;) {
        const frame = await nextFrame(frames)
        if (frame === undefined) return
        const event = take(frame)
        if (event !== undefined) yield event
      }
    } finally {
      await frames.return() // This closes the connection where the caller stopped early.
    }
  }

  async function nextFrame(frames: AsyncGenerator<EventSourceMessage, void, void>) {
    try {
      return (await frames.next()).value ?? undefined
    } catch (error) {
      throw interruptedError(connection, error, signal)
    }
  }

  function take(frame: EventSourceMessage): EventView | undefined {
    if (frame.id === undefined) {
      if (isDelta(frame.event)) takeDelta({ type: frame.event, data: parse(frame.data) })
      return undefined
    }
    const event: EventView = parse(frame.data)
    if (event.seq <= seen) return undefined
    seen = event.seq
    news = true
    return event
  }

  function takeDelta(delta: DeltaMessage): void {
    const fresh = sieve.pass(delta)
    if (fresh === undefined) return
    news = true
    onDelta?.(fresh)
  }

  return {
    read,
    /** Whether a stream that ended by itself was complete. */
    async isAtEnd(): Promise<boolean> {
      const task = await requestJson<TaskView>(connection, { path, signal })
      return isTerminal(task.state) && task.last_seq <= seen
    },
    /** Whether anything new arrived since the last call. */
    takeProgress(): boolean {
      const had = news
      news = false
      return had
    },
  }
}

const deltaKinds: Readonly<Record<DeltaKind, true>> = {
  'text.delta': true,
  'reasoning.delta': true,
  'action.progress': true,
}

function isDelta(event: string | undefined): event is DeltaKind {
  return event !== undefined && Object.hasOwn(deltaKinds, event)
}

function parse<Value>(data: string): Value {
  try {
    return JSON.parse(data) as Value
  } catch (cause) {
    throw new ClientError(200, 'bad_answer', 'The server sent an event that is not JSON.', { cause })
  }
}
