import type { DeniedCapability } from './capability.ts'

/**
 * Every reason for which Mandate refuses what a caller asked. Codes are API: never renamed, never reused; each has a
 * heading in docs/errors.md. What a code becomes on the wire is decided by one table per dialect.
 */
export const refusalCodes = [
  // the request itself
  'malformed_request',
  'invalid_input',
  'unsupported_media_type',
  'payload_too_large',
  'request_timeout',
  'route_not_found',
  'method_not_allowed',
  // who is asking
  'unauthenticated',
  'role_forbidden',
  'origin_not_allowed',
  // what is not there, or not theirs: the same answer
  'task_not_found',
  'agent_not_found',
  'key_not_found',
  'user_not_found',
  'team_not_found',
  'file_not_found',
  'chat_not_found',
  'share_not_found',
  'pool_not_found',
  'machine_not_found',
  'webhook_not_found',
  'delivery_not_found',
  'policy_not_found',
  'statement_not_found',
  // the state of things
  'run_settled',
  'move_refused',
  'task_busy',
  'agent_unavailable',
  'agent_busy',
  'idempotency_mismatch',
  'idempotency_in_progress',
  'name_taken',
  'content_sealed',
  'task_held',
  'certificate_used',
  // what may be used
  'model_unknown',
  'model_key_missing',
  'model_unpriced',
  'tool_unknown',
  'capability_denied',
  'policy_invalid',
  'budget_exhausted',
  // limits and the server's health
  'limit_exceeded',
  'overloaded',
  'storage_unavailable',
  'shutting_down',
  'internal',
] as const
export type RefusalCode = (typeof refusalCodes)[number]

/** One bad field: where it is (`message.content`), what was wrong, what is allowed. */
export interface FieldError {
  readonly field: string
  readonly message: string
}

interface RefusalDetail {
  readonly fields?: readonly FieldError[]
  /** With `capability_denied`: each capability that was asked for, and why it was not given. */
  readonly denied?: readonly DeniedCapability[]
  /** The name of the limit that was reached, as docs/operating.md lists it. */
  readonly limit?: string | undefined
  /** When asking again may help, in milliseconds from now. */
  readonly retryAfterMs?: number
  readonly cause?: unknown
}

/**
 * The caller asked for something that will not be done. The message is written for the caller and may be shown to them;
 * nothing was changed.
 */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly fields: readonly FieldError[]
  readonly denied: readonly DeniedCapability[]
  readonly limit: string | undefined
  readonly retryAfterMs: number | undefined

  constructor(code: RefusalCode, message: string, detail: RefusalDetail = {}) {
    super(message, 'cause' in detail ? { cause: detail.cause } : undefined)
    this.name = 'Refusal'
    this.code = code
    this.fields = detail.fields ?? []
    this.denied = detail.denied ?? []
    this.limit = detail.limit
    this.retryAfterMs = detail.retryAfterMs
  }
}

export function isRefusal(error: unknown, code?: RefusalCode): error is Refusal {
  return error instanceof Refusal && (code === undefined || error.code === code)
}
