import { ClientError, errorOf } from './client-error.ts'
import { connectionError } from './connection-error.ts'

/** The part of the global `fetch` that the client uses. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** A server and the key to call it with. */
export interface Connection {
  /** The address of the server without a path, such as `http://127.0.0.1:7070`. */
  readonly url: string
  /** The native key (`mdt_…`). Without one only public resources can be read. */
  readonly key: string | undefined
  readonly fetch: Fetch
}

/**
 * A query or body as a caller writes it. A property that is undefined is not sent, so that an optional one may be passed
 * straight through.
 */
export type Sendable<Content> = {
  [Name in keyof Content]: Record<never, never> extends Pick<Content, Name> ? Content[Name] | undefined : Content[Name]
}

/** One request. */
export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** The path below `/mandate/v1`. It begins with a slash. */
  readonly path: string
  readonly query?: Query | undefined
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
  /** A status other than 2xx that is a result and no refusal. */
  readonly alsoExpected?: number
}

/** The parameters of a query. Undefined ones are left out, and arrays are repeated. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

/**
 * Sends one request. Throws ClientError for every status that is not expected, and the signal's reason when it is
 * aborted.
 */
export async function sendRequest(connection: Connection, options: RequestOptions): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers }
  if (connection.key !== undefined) headers['authorization'] = `Bearer ${connection.key}`
  const init: RequestInit = { method: options.method ?? 'GET', headers, redirect: 'manual' }
  if (options.body !== undefined) {
    headers['content-type'] = 'application/json'
    init.body = JSON.stringify(options.body)
  }
  if (options.signal !== undefined) init.signal = options.signal
  let response: Response
  try {
    response = await connection.fetch(urlOf(connection, options), init)
  } catch (error) {
    throw options.signal?.aborted ? options.signal.reason : connectionError(connection.url, error)
  }
  if (isRedirect(response)) throw redirectError(connection, response)
  if (!response.ok && response.status !== options.alsoExpected) throw await errorOf(response)
  return response
}

/** Sends one request and reads the whole response as JSON. */
export async function requestJson<Answer>(connection: Connection, options: RequestOptions): Promise<Answer> {
  const response = await sendRequest(connection, options)
  let text: string
  try {
    text = await response.text()
  } catch (error) {
    throw interruptedError(connection, error, options.signal)
  }
  try {
    return JSON.parse(text) as Answer
  } catch (cause) {
    const detail = `What answers at ${connection.url} is not a Mandate server: its answer is not JSON.`
    throw new ClientError(response.status, 'bad_answer', detail, { cause })
  }
}

/** The error for a connection that broke while its response was read. */
export function interruptedError({ url }: Connection, cause: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason
  return new ClientError(0, 'connection_cut', `The connection to ${url} was cut.`, { cause })
}

function isRedirect({ status, headers }: Response): boolean {
  return status >= 300 && status < 400 && headers.has('location')
}

/** The error for a redirect. A key is never sent to where a response points: the person decides. */
function redirectError({ url }: Connection, { status, headers }: Response): ClientError {
  const detail = `What answers at ${url} points to ${headers.get('location')} (${status}); it is not followed.`
  return new ClientError(status, 'bad_answer', detail)
}

function urlOf({ url }: Connection, { path, query }: RequestOptions): string {
  const target = new URL(`${url.replace(/\/+$/u, '')}/mandate/v1${path}`)
  for (const [name, value] of Object.entries(query ?? {})) {
    if (Array.isArray(value)) for (const one of value) target.searchParams.append(name, one)
    else if (value !== undefined) target.searchParams.set(name, String(value))
  }
  return target.href
}
