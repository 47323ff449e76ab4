import { ModelError } from '../model.ts'

/** The parts of a clock that a call needs. */
export interface CallTimer {
  now(): number
  /** Calls back once after at least `ms`; the answer cancels it. */
  after(ms: number, callback: () => void): () => void
}

export interface CallTimeouts {
  readonly firstByteMs: number
  readonly idleMs: number
  readonly totalMs: number
}

/**
 * The network of one model call: a `fetch` that is watched byte by byte, and the signal that ends it. The SDK's own
 * timeouts begin after the headers and look at its parts, so that a server that never answers, or one that keeps the line
 * alive while it thinks, would be judged wrongly.
 */
export interface GuardedFetch {
  readonly fetch: typeof globalThis.fetch
  readonly signal: AbortSignal
  /** What ended it: a timeout, or the network. Undefined for everything else. */
  readonly failure: ModelError | undefined
  /** Stops the timers and whatever still runs. */
  close(): void
}

export function guardFetch(timeouts: CallTimeouts, callerSignal: AbortSignal, timer: CallTimer): GuardedFetch {
  const own = new AbortController()
  const signal = AbortSignal.any([callerSignal, own.signal])
  let failure: ModelError | undefined
  const fail = (error: ModelError) => {
    failure ??= error
    own.abort(failure)
  }
  const expire = (code: 'first_byte_timeout' | 'idle_timeout' | 'total_timeout', ms: number) =>
    timer.after(ms, () => fail(timedOut(code, ms)))
  const cancelTotal = expire('total_timeout', timeouts.totalMs)
  let cancelWaiting = expire('first_byte_timeout', timeouts.firstByteMs)
  let answering = false

  /** Only a read under way may time out: a slow reader of ours is not a silent provider. */
  async function readNext(reader: ReadableStreamDefaultReader<Uint8Array>) {
    if (answering) cancelWaiting = expire('idle_timeout', timeouts.idleMs)
    try {
      return await reader.read()
    } catch (error) {
      if (!signal.aborted) fail(broken(error, 'connection_cut'))
      throw error
    } finally {
      cancelWaiting()
      answering = true
    }
  }

  function guardBody(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const reader = body.getReader()
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const { done, value } = await readNext(reader)
          if (done) controller.close()
          else controller.enqueue(value)
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    )
  }

  return {
    async fetch(input, init) {
      try {
        const response = await globalThis.fetch(input, { ...init, signal })
        if (response.body === null) return response
        const { status, statusText, headers } = response
        return new Response(guardBody(response.body), { status, statusText, headers })
      } catch (error) {
        if (!signal.aborted) fail(broken(error, 'connection_failed'))
        throw error
      }
    },
    signal,
    get failure() {
      return failure
    },
    close() {
      cancelTotal()
      cancelWaiting()
      own.abort(new DOMException('The model call is over.', 'AbortError'))
    },
  }
}

const expiryWords = {
  first_byte_timeout: 'The provider did not begin to answer within',
  idle_timeout: 'The provider fell silent in the middle of its answer for',
  total_timeout: 'The model call took longer than',
} as const

function timedOut(code: keyof typeof expiryWords, ms: number): ModelError {
  return new ModelError(code, `${expiryWords[code]} ${ms / 1000} s.`, { retryable: true })
}

/** undici gives up by itself after five minutes of silence. */
function broken(error: unknown, code: 'connection_failed' | 'connection_cut'): ModelError {
  const reason = networkCode(error)
  const detail = { retryable: true, cause: error }
  if (reason === 'UND_ERR_HEADERS_TIMEOUT') {
    return new ModelError('first_byte_timeout', 'The provider did not begin to answer.', detail)
  }
  if (reason === 'UND_ERR_BODY_TIMEOUT') {
    return new ModelError('idle_timeout', 'The provider fell silent in the middle of its answer.', detail)
  }
  const suffix = reason === undefined ? '.' : ` (${reason}).`
  return code === 'connection_cut'
    ? new ModelError(code, `The connection to the provider broke in the middle of its answer${suffix}`, detail)
    : new ModelError(code, `The provider could not be reached${suffix}`, detail)
}

function networkCode(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if ('code' in at && typeof at.code === 'string') return at.code
  }
  return undefined
}
