import type { PrincipalWatch, Watcher } from '../../auth/principal-watch.ts'
import type { Limits } from '../../domain/limits.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'

/**
 * The streams, and the requests that wait for a task to end, that hold connections open in this process. Each is opened for a
 * caller, and ends when their credential is revoked or expires.
 */
export interface OpenStreams {
  /**
   * Takes a place for one more stream. `stillMay` is a further condition for its caller while it lasts. Refuses
   * `limit_exceeded` past `streams_max`, `shutting_down` once the server stops.
   */
  open(principal: Principal, stillMay?: Watcher['stillMay']): OpenStream
  /** Opens the same for a request that waits, which takes no place. */
  openWait(principal: Principal): OpenStream
  /** Aborted when the server stops: a waiting request then answers with the present state. */
  readonly stopping: AbortSignal
  /** Ends all streams. Their readers resume elsewhere or later. */
  stop(): void
  readonly count: number
}

/** One open stream or waiting request. */
export interface OpenStream {
  /** Aborted when the stream has to end, for whatever reason. */
  readonly signal: AbortSignal
  /**
   * The reason why its caller is served no longer; undefined while they are, and where the stream ended for another reason.
   */
  readonly revoked: Refusal | undefined
  /** Ends the stream and frees its place. A second call changes nothing. */
  close(): void
}

/** Creates the streams of one process, none of them open. */
export function createOpenStreams(limits: Limits, watch: PrincipalWatch['watch']): OpenStreams {
  const streams = new Set<AbortController>()
  const waits = new Set<AbortController>()
  const stopping = new AbortController()
  const openIn = (
    among: Set<AbortController>,
    principal: Principal,
    stillMay: Watcher['stillMay'] | undefined,
  ): OpenStream => {
    const controller = new AbortController()
    let revoked: Refusal | undefined
    const onEnd = (why: Refusal) => {
      revoked = why
      controller.abort()
    }
    const release = watch(principal, { onEnd, stillMay })
    among.add(controller)
    return {
      signal: controller.signal,
      get revoked() {
        return revoked
      },
      close() {
        release()
        among.delete(controller)
        controller.abort()
      },
    }
  }
  return {
    open(principal, stillMay) {
      if (stopping.signal.aborted) throw shuttingDown()
      if (streams.size >= limits.streams_max) {
        const message = `${limits.streams_max} streams are open (streams_max). Poll, or try again later.`
        throw new Refusal('limit_exceeded', message, { limit: 'streams_max', retryAfterMs: 5_000 })
      }
      return openIn(streams, principal, stillMay)
    },
    openWait: (principal) => openIn(waits, principal, undefined),
    stopping: stopping.signal,
    stop() {
      stopping.abort()
      for (const controller of [...streams, ...waits]) controller.abort()
    },
    get count() {
      return streams.size
    },
  }
}

/** The refusal of a server that is stopping. */
export function shuttingDown(): Refusal {
  return new Refusal('shutting_down', 'The server is stopping. Try again in a moment.', { retryAfterMs: 2_000 })
}
