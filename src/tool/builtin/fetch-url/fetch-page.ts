import type { LookupFunction } from 'node:net'
import type { Dispatcher, request as undiciRequest } from 'undici'
import { type ToolContext, ToolError } from '../../tool.ts'
import { addressRefused, checkUrl } from './check-url.ts'
import type { FetchLimits } from './fetch-limits.ts'
import { AddressRefused, createGuardedDispatcher } from './guarded-dispatcher.ts'
import { acceptEncoding, inflateBody } from './inflate-body.ts'

/** The options of a fetch. */
export interface FetchOptions {
  readonly userAgent: string
  readonly allowPrivateNetwork: boolean
  readonly lookup?: LookupFunction | undefined
  readonly limits: FetchLimits
}

/** A fetched page. */
export interface FetchedPage {
  readonly url: URL
  /** The content type as the server sent it, or '' where it sent none. */
  readonly contentType: string
  readonly body: Uint8Array
}

/**
 * GETs a URL and follows redirects on the same host itself, checking each like the first. Resolves with a body within
 * the limits, or throws ToolError (or the signal's reason). It sends no credentials, keeps no cookies, and leaves no
 * connection open.
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
    const { request } = await import('undici')
    return await followRedirects(first, request, options, dispatcher, either)
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
  request: typeof undiciRequest,
  options: FetchOptions,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<FetchedPage> {
  let url = first
  for (let redirects = 0; redirects <= options.limits.redirectsMax; redirects += 1) {
    // `request` follows no redirect by itself and, unlike `fetch`, leaves the content coding to us.
    const response = await request(url, {
      dispatcher,
      signal,
      headers: {
        'user-agent': options.userAgent,
        accept: 'text/html, text/*;q=0.9, application/json;q=0.9, */*;q=0.1',
        'accept-encoding': acceptEncoding,
      },
    }).catch((error: unknown) => {
      throw fetchFailed(url, error)
    })
    // The reader gets the error too. A body that nobody reads ends with its connection.
    response.body.on('error', () => undefined)
    const location = redirectOf(response)
    if (location === undefined) {
      if (response.statusCode < 200 || response.statusCode > 299) {
        throw new ToolError('http_error', `${url.href} answered ${statusOf(response)}.`)
      }
      const body = await readBody(url, response, options.limits.bodyBytesMax)
      return { url, contentType: headerOf(response, 'content-type') ?? '', body }
    }
    response.body.destroy()
    const next = checkUrl(location, url, options.allowPrivateNetwork)
    // Another host is another action, which the guard has not decided about.
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

function redirectOf(response: Dispatcher.ResponseData): string | undefined {
  return [301, 302, 303, 307, 308].includes(response.statusCode) ? headerOf(response, 'location') : undefined
}

function headerOf({ headers }: Dispatcher.ResponseData, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

function statusOf({ statusCode, statusText }: Dispatcher.ResponseData): string {
  return `${statusCode} ${statusText}`.trim()
}

async function readBody(url: URL, response: Dispatcher.ResponseData, bytesMax: number): Promise<Uint8Array> {
  const tooLarge = () =>
    new ToolError('body_too_large', `${url.href} is larger than ${bytesMax} bytes (fetch_body_bytes_max).`)
  if (Number(headerOf(response, 'content-length') ?? 0) > bytesMax) throw tooLarge()
  const body = inflateBody(url, response.body, headerOf(response, 'content-encoding') ?? '')
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength
      if (bytes > bytesMax) throw tooLarge()
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof ToolError ? error : fetchFailed(url, error)
  }
  return Buffer.concat(chunks)
}

/** The error for a failed fetch. The useful message is in the innermost cause. */
function fetchFailed(url: URL, error: unknown): ToolError {
  let innermost = error
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof AddressRefused) return addressRefused(cause.host, error)
    innermost = cause
  }
  const code = innermost instanceof Error ? codeOf(innermost) : undefined
  if (code === 'Z_BUF_ERROR' || code === 'ERR_STREAM_PREMATURE_CLOSE') {
    return new ToolError('fetch_failed', `${url.href} could not be fetched: its body was cut short.`, error)
  }
  const reason = innermost instanceof Error ? (code ?? innermost.message) : 'no reason was told'
  return new ToolError('fetch_failed', `${url.href} could not be fetched: ${reason}.`, error)
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
