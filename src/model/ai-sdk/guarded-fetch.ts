import type { ProviderSettings } from '../catalogue.ts'
import type { ModelCall, ModelError } from '../model.ts'
import type { AnswerMeter } from './answer-meter.ts'
import { brokenCall, notAnApi, providerLabel, redirected, timedOut, tooLong } from './network-errors.ts'

/** The part of a clock that a call needs. */
export interface CallTimer {
  now(): number
  /** Calls back once after at least `ms` milliseconds. The returned function cancels that. */
  after(ms: number, callback: () => void): () => void
}

/** The call to guard, with its timeouts and limits. */
export interface GuardedFetchOptions {
  readonly settings: Pick<ProviderSettings, 'name' | 'baseUrl'>
  readonly call: Pick<ModelCall, 'timeouts' | 'signal'>
  readonly meter: AnswerMeter
  readonly timer: CallTimer
}

/**
 * The network of one model call: a `fetch` that is watched byte by byte, and the signal that ends it. The SDK's own
 * timeouts start after the headers and watch its parts, so that they would misjudge a server that never replies, or one
 * that keeps the connection alive while it thinks. It follows no redirect, since the request holds the key and the
 * conversation.
 */
export interface GuardedFetch {
  readonly fetch: typeof globalThis.fetch
  readonly signal: AbortSignal
  /** The error that ended it: a timeout, a limit, a redirect, a page, or the network. Undefined for everything else. */
  readonly failure: ModelError | undefined
  /** The name of the provider in errors. */
  readonly provider: string
  /**
   * The content type of a successful answer that is no event stream. Undefined where it is one, or none has arrived.
   */
  readonly foreignType: string | undefined
  /** Ends the call because its answer exceeds its limits. */
  exceed(): ModelError
  /** Stops the timers and everything that still runs. */
  close(): void
}

/** The bytes that are passed on at once. A chunk may be longer, and reading it must not hold up everything else. */
const sliceBytes = 16 * 1024

/** Starts guarding one call. The caller closes it. */
export function guardFetch({ settings, call, meter, timer }: GuardedFetchOptions): GuardedFetch {
  const { timeouts, signal: callerSignal } = call
  const own = new AbortController()
  const signal = AbortSignal.any([callerSignal, own.signal])
  let failure: ModelError | undefined
  let requested: URL | undefined
  let foreignType: string | undefined
  const provider = () => providerLabel(settings, requested)
  const fail = (error: ModelError) => {
    failure ??= error
    own.abort(failure)
    return failure
  }
  const exceed = () => fail(tooLong(provider(), meter.exceeded))
  const expire = (code: Parameters<typeof timedOut>[0], ms: number) =>
    timer.after(ms, () => void fail(timedOut(code, ms, provider())))
  const cancelTotal = expire('total_timeout', timeouts.totalMs)
  let cancelWaiting = expire('first_byte_timeout', timeouts.firstByteMs)
  let answering = false

  /** Reads with the idle timeout. Only a pending read may time out: a slow reader of ours is not a silent provider. */
  async function readNext(reader: ReadableStreamDefaultReader<Uint8Array>) {
    if (answering) cancelWaiting = expire('idle_timeout', timeouts.idleMs)
    try {
      return await reader.read()
    } catch (error) {
      if (!signal.aborted) fail(brokenCall(error, 'connection_cut', provider()))
      throw error
    } finally {
      cancelWaiting()
      answering = true
    }
  }

  function guardBody(body: ReadableStream<Uint8Array>, whole: boolean): ReadableStream<Uint8Array> {
    const reader = body.getReader()
    let rest: Uint8Array | undefined
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          await othersTurn()
          if (rest === undefined) {
            const { done, value } = await readNext(reader)
            if (done) return controller.close()
            if (!meter.receive(value, whole)) throw exceed()
            rest = value
          }
          controller.enqueue(rest.subarray(0, sliceBytes))
          rest = rest.length > sliceBytes ? rest.subarray(sliceBytes) : undefined
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    )
  }

  /** Throws for an answer that is not from a model API, whatever its status is. */
  function checkAnswer({ status, ok, headers }: Response): void {
    if (status >= 300 && status < 400) throw fail(redirected(headers.get('location'), status, requested, provider()))
    if (!ok) return
    const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
    if (type === 'text/html' || type === 'application/xhtml+xml') throw fail(notAnApi(type, provider()))
    if (type !== 'text/event-stream') foreignType = type
  }

  return {
    async fetch(input, init) {
      requested = urlOf(input)
      meter.request(typeof init?.body === 'string' ? init.body.length : 0)
      try {
        const response = await globalThis.fetch(input, { ...init, signal, redirect: 'manual' })
        checkAnswer(response)
        if (response.body === null) return response
        const { ok, status, statusText, headers } = response
        return new Response(guardBody(response.body, !ok), { status, statusText, headers })
      } catch (error) {
        if (!signal.aborted) fail(brokenCall(error, 'connection_failed', provider()))
        throw error
      }
    },
    signal,
    get failure() {
      return failure
    },
    get provider() {
      return provider()
    },
    get foreignType() {
      return foreignType
    },
    exceed,
    close() {
      cancelTotal()
      cancelWaiting()
      own.abort(new DOMException('The model call is over.', 'AbortError'))
    },
  }
}

function urlOf(input: Parameters<typeof globalThis.fetch>[0]): URL {
  return new URL(input instanceof Request ? input.url : input)
}

/** Gives timers and sockets a turn, which a stream with available data never does. */
function othersTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
