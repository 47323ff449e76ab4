import { retryAfterMsOf } from '../domain/durations.ts'
import type { FieldError } from '../domain/refusal.ts'

interface ClientErrorDetail {
  readonly errors?: readonly FieldError[]
  readonly limit?: string | undefined
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
}

/**
 * Thrown where the server refused or could not be asked. `code` is the server's own, or one of the client's:
 * `unreachable`, `tls_failed` and `connection_cut` (status 0: no response, or not the whole of it), and `bad_answer`
 * (something replied that does not speak this API).
 */
export class ClientError extends Error {
  readonly status: number
  readonly code: string
  /** A sentence for people, which is the message of the error too. */
  readonly detail: string
  /** The invalid fields of the request. */
  readonly errors: readonly FieldError[]
  /** The name of the limit that was reached. */
  readonly limit: string | undefined
  /** The time after which asking again may help, in milliseconds from now. */
  readonly retryAfterMs: number | undefined

  constructor(status: number, code: string, detail: string, more: ClientErrorDetail = {}) {
    super(detail, 'cause' in more ? { cause: more.cause } : undefined)
    this.name = 'ClientError'
    this.status = status
    this.code = code
    this.detail = detail
    this.errors = more.errors ?? []
    this.limit = more.limit
    this.retryAfterMs = more.retryAfterMs
  }

  /** Whether the same request may succeed later: no response came, or the server is busy. */
  get retryable(): boolean {
    if (this.code === 'tls_failed') return false
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500
  }
}

/** Reads a problem document (RFC 9457). Any other response becomes `bad_answer` with its status. */
export async function errorOf(response: Response): Promise<ClientError> {
  const text = await response.text().catch(() => '')
  const problem = parseProblem(text)
  const retryAfterMs = retryAfterMsOf(response.headers.get('retry-after'), Date.now())
  if (problem === undefined) {
    const detail = `The server answered ${response.status} and nothing that this client understands.`
    return new ClientError(response.status, 'bad_answer', detail, { retryAfterMs })
  }
  const { code, detail, title, errors, limit } = problem
  return new ClientError(response.status, code, detail ?? title ?? code, { errors: errors ?? [], limit, retryAfterMs })
}

interface Problem {
  readonly code: string
  readonly title?: string
  readonly detail?: string
  readonly errors?: FieldError[]
  readonly limit?: string
}

function parseProblem(text: string): Problem | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The body is not JSON, so that a proxy or another server has replied.
    return undefined
  }
  const known = typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string'
  return known ? (value as Problem) : undefined
}
