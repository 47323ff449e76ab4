import type { DeniedCapability } from './capability.ts'
import type { AnswerOutcome, PromptState } from './prompt.ts'
import type { RunState } from './run-state.ts'

/**
 * Every reason for which Mandate refuses a request. Codes are API: they are never renamed and never reused, and each
 * has a heading in docs/errors.md. One table per dialect decides the status and envelope of a code.
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
  // resources that do not exist or belong to others, which look the same
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
  'prompt_not_found',
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
  'prompt_settled',
  'no_open_question',
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
/** The code of a refusal. */
export type RefusalCode = (typeof refusalCodes)[number]

/** An invalid field: its path (`message.content`), what is wrong and what is allowed. */
export interface FieldError {
  readonly field: string
  readonly message: string
}

interface RefusalDetail {
  readonly fields?: readonly FieldError[]
  /** With `capability_denied`: each denied capability with its reason. */
  readonly denied?: readonly DeniedCapability[]
  /**
   * The state of the run that stands in the way. The message says it in the core's word; a dialect says it in its own.
   */
  readonly state?: RunState
  /** With `prompt_settled`: how the prompt was settled. */
  readonly settled?: SettledPromptFacts
  /** The name of the limit that was reached, as docs/operating.md lists it. */
  readonly limit?: string | undefined
  /** The time after which asking again may help, in milliseconds from now. */
  readonly retryAfterMs?: number
  readonly cause?: unknown
}

/** How a prompt was settled, for whoever answers later. */
export interface SettledPromptFacts {
  readonly prompt: string
  readonly state: PromptState
  readonly outcome: AnswerOutcome | null
  /** In milliseconds since 1970. */
  readonly settledAt: number
}

/**
 * Thrown where a request is refused. The message is written for the caller and may be shown to them. Nothing was
 * changed.
 */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly fields: readonly FieldError[]
  readonly denied: readonly DeniedCapability[]
  readonly state: RunState | undefined
  readonly settled: SettledPromptFacts | undefined
  readonly limit: string | undefined
  readonly retryAfterMs: number | undefined

  constructor(code: RefusalCode, message: string, detail: RefusalDetail = {}) {
    super(message, 'cause' in detail ? { cause: detail.cause } : undefined)
    this.name = 'Refusal'
    this.code = code
    this.fields = detail.fields ?? []
    this.denied = detail.denied ?? []
    this.state = detail.state
    this.settled = detail.settled
    this.limit = detail.limit
    this.retryAfterMs = detail.retryAfterMs
  }
}

/** Whether an error is a refusal, and of this code where one is given. */
export function isRefusal(error: unknown, code?: RefusalCode): error is Refusal {
  return error instanceof Refusal && (code === undefined || error.code === code)
}
