import type { Limits } from '../../domain/limits.ts'
import { Refusal } from '../../domain/refusal.ts'

/** What holds a connection open in this process: streams, and requests that wait for a task to end. */
export interface OpenStreams {
  /** A place for one more stream. Refuses `limit_exceeded` past `streams_max`, `shutting_down` once the server stops. */
  open(): OpenStream
  /** Aborted when the server stops: whoever waits answers with what there is. */
  readonly stopping: AbortSignal
  /** Ends all streams; their readers take up elsewhere or later. */
  stop(): void
  readonly count: number
}

export interface OpenStream {
  readonly signal: AbortSignal
  /** Ends it and gives its place back; may be called twice. */
  close(): void
}

export function createOpenStreams(limits: Limits): OpenStreams {
  const open = new Set<AbortController>()
  const stopping = new AbortController()
  return {
    open() {
      if (stopping.signal.aborted) throw shuttingDown()
      if (open.size >= limits.streams_max) {
        const message = `${limits.streams_max} streams are open (streams_max). Poll, or try again later.`
        throw new Refusal('limit_exceeded', message, { limit: 'streams_max', retryAfterMs: 5_000 })
      }
      const controller = new AbortController()
      open.add(controller)
      const close = () => {
        open.delete(controller)
        controller.abort()
      }
      return { signal: controller.signal, close }
    },
    stopping: stopping.signal,
    stop() {
      stopping.abort()
      for (const controller of open) controller.abort()
    },
    get count() {
      return open.size
    },
  }
}

export function shuttingDown(): Refusal {
  return new Refusal('shutting_down', 'The server is stopping. Try again in a moment.', { retryAfterMs: 2_000 })
}
