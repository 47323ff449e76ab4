import { ClientError, errorOf } from './client-error.ts'
import { connectionError } from './connection-error.ts'

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface Connection {
  /** Where the server listens, without a path: `http://127.0.0.1:7070`. */
  readonly url: string
  /** `mdt_…`; without one only what is public can be asked. */
  readonly key: string | undefined
  readonly fetch: Fetch
}

export interface RequestParts {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** Below `/mandate/v1`, begins with a slash. */
  readonly path: string
  readonly query?: Query | undefined
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
  /** A status beside the 2xx that is an answer and no refusal. */
  readonly alsoExpected?: number
}

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

/** Asks once. Throws ClientError for anything but what is expected, and the signal's reason when it is aborted. */
export async function sendRequest(connection: Connection, parts: RequestParts): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json', ...parts.headers }
  if (connection.key !== undefined) headers['authorization'] = `Bearer ${connection.key}`
  const init: RequestInit = { method: parts.method ?? 'GET', headers, redirect: 'manual' }
  if (parts.body !== undefined) {
    headers['content-type'] = 'application/json'
    init.body = JSON.stringify(parts.body)
  }
  if (parts.signal !== undefined) init.signal = parts.signal
  let response: Response
  try {
    response = await connection.fetch(urlOf(connection, parts), init)
  } catch (error) {
    throw parts.signal?.aborted ? parts.signal.reason : connectionError(connection.url, error)
  }
  if (isRedirect(response)) throw redirectError(connection, response)
  if (!response.ok && response.status !== parts.alsoExpected) throw await errorOf(response)
  return response
}

/** Asks once and reads the whole answer as JSON. */
export async function requestJson<Answer>(connection: Connection, parts: RequestParts): Promise<Answer> {
  const response = await sendRequest(connection, parts)
  let text: string
  try {
    text = await response.text()
  } catch (error) {
    throw cutError(connection, error, parts.signal)
  }
  try {
    return JSON.parse(text) as Answer
  } catch (cause) {
    const detail = `What answers at ${connection.url} is not a Mandate server: its answer is not JSON.`
    throw new ClientError(response.status, 'bad_answer', detail, { cause })
  }
}

/** What a connection that broke while its answer was read is called. */
export function cutError({ url }: Connection, cause: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason
  return new ClientError(0, 'connection_cut', `The connection to ${url} was cut.`, { cause })
}

function isRedirect({ status, headers }: Response): boolean {
  return status >= 300 && status < 400 && headers.has('location')
}

/** A key is never carried to where an answer points: the person decides. */
function redirectError({ url }: Connection, { status, headers }: Response): ClientError {
  const detail = `What answers at ${url} points to ${headers.get('location')} (${status}); it is not followed.`
  return new ClientError(status, 'bad_answer', detail)
}

function urlOf({ url }: Connection, { path, query }: RequestParts): string {
  const target = new URL(`${url.replace(/\/+$/u, '')}/mandate/v1${path}`)
  for (const [name, value] of Object.entries(query ?? {})) {
    if (Array.isArray(value)) for (const one of value) target.searchParams.append(name, one)
    else if (value !== undefined) target.searchParams.set(name, String(value))
  }
  return target.href
}
