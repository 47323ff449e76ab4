import type { LookupFunction } from 'node:net'
import type { Dispatcher, Response, fetch as undiciFetch } from 'undici'
import { type ToolContext, ToolError } from '../../tool.ts'
import { addressRefused, checkUrl } from './check-url.ts'
import type { FetchLimits } from './fetch-limits.ts'
import { AddressRefused, createGuardedDispatcher } from './guarded-dispatcher.ts'

export interface FetchOptions {
  readonly userAgent: string
  readonly allowPrivateNetwork: boolean
  readonly lookup?: LookupFunction | undefined
  readonly limits: FetchLimits
}

export interface FetchedPage {
  readonly url: URL
  /** As the server sent it; '' when it sent none. */
  readonly contentType: string
  readonly body: Uint8Array
}

/**
 * GETs a URL and follows redirects on the same host by hand, each checked like the first. Ends with a body within the limits, or throws
 * ToolError (or the signal's reason). Sends no credentials and keeps no cookies; no connection is left when it ends.
 */
export async function fetchPage(
  text: string,
  options: FetchOptions,
  { clock, signal }: Pick<ToolContext, 'clock' | 'signal'>,
): Promise<FetchedPage> {
  const first = checkUrl(text, undefined, options.allowPrivateNetwork)
  const { limits } = options
  const overtime = new AbortController()
  const cancelTimeout = clock.after(limits.fetchMs, () =>
    overtime.abort(
      new ToolError('timeout', `${first.host} did not answer within ${limits.fetchMs} ms (fetch_timeout_ms).`),
    ),
  )
  const either = AbortSignal.any([signal, overtime.signal])
  const dispatcher = await createGuardedDispatcher({ ...options, connectMs: limits.connectMs })
  try {
    const { fetch } = await import('undici')
    return await followRedirects(first, fetch, options, dispatcher, either)
  } catch (error) {
    either.throwIfAborted()
    throw error
  } finally {
    cancelTimeout()
    await dispatcher.destroy()
  }
}

async function followRedirects(
  first: URL,
  fetch: typeof undiciFetch,
  options: FetchOptions,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<FetchedPage> {
  let url = first
  for (let redirects = 0; redirects <= options.limits.redirectsMax; redirects += 1) {
    const response = await fetch(url, {
      dispatcher,
      signal,
      redirect: 'manual',
      headers: {
        'user-agent': options.userAgent,
        accept: 'text/html, text/*;q=0.9, application/json;q=0.9, */*;q=0.1',
      },
    }).catch((error: unknown) => {
      throw fetchFailed(url, error)
    })
    const location = redirectOf(response)
    if (location === undefined) {
      if (!response.ok) throw new ToolError('http_error', `${url.href} answered ${statusOf(response)}.`)
      const body = await readBody(url, response, options.limits.bodyBytesMax)
      return { url, contentType: response.headers.get('content-type') ?? '', body }
    }
    await response.body?.cancel()
    const next = checkUrl(location, url, options.allowPrivateNetwork)
    // Another host is another action: the guard has not been asked about it.
    if (next.hostname !== first.hostname) {
      throw new ToolError(
        'redirected',
        `${url.href} redirects to another host: ${next.href}. Fetch that where it is wanted.`,
      )
    }
    url = next
  }
  throw new ToolError(
    'too_many_redirects',
    `${first.href} redirects more than ${options.limits.redirectsMax} times (fetch_redirects_max).`,
  )
}

function redirectOf(response: Response): string | undefined {
  if (![301, 302, 303, 307, 308].includes(response.status)) return undefined
  return response.headers.get('location') ?? undefined
}

function statusOf(response: Response): string {
  return `${response.status} ${response.statusText}`.trim()
}

async function readBody(url: URL, response: Response, bytesMax: number): Promise<Uint8Array> {
  const tooLarge = () =>
    new ToolError('body_too_large', `${url.href} is larger than ${bytesMax} bytes (fetch_body_bytes_max).`)
  if (Number(response.headers.get('content-length') ?? 0) > bytesMax) throw tooLarge()
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength
      if (bytes > bytesMax) throw tooLarge()
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof ToolError ? error : fetchFailed(url, error)
  }
  return Buffer.concat(chunks)
}

/** undici says only "fetch failed"; what is worth telling is in its causes. */
function fetchFailed(url: URL, error: unknown): ToolError {
  let innermost = error
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof AddressRefused) return addressRefused(cause.host, error)
    innermost = cause
  }
  const reason = innermost instanceof Error ? (codeOf(innermost) ?? innermost.message) : 'no reason was told'
  return new ToolError('fetch_failed', `${url.href} could not be fetched: ${reason}.`, error)
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
