import type { RefusalCode } from '../../../domain/refusal.ts'
import { type Answers, defineRefusals, type RefusalLine } from '../../edge/define-refusals.ts'
import { instantOf } from '../../edge/instants.ts'
import { type ErrorBody, ErrorSchema } from './contract/error.ts'
import { statusOf } from './states.ts'

interface Line extends RefusalLine {
  readonly code: string
}

const keyNeeded =
  'A valid token or key is needed: send "Authorization: Bearer <token or key>", "x-shinzo-api-key: <key>" or "x-api-key: <key>".'

const line = (status: number, code: string): Line => ({ status, code })
const invalid = line(400, 'INVALID_REQUEST')
const unavailable = line(503, 'AGENT_UNAVAILABLE')

/** Shinzo's error for each refusal of the core. */
const lines: Readonly<Record<RefusalCode, Line>> = {
  malformed_request: invalid,
  invalid_input: invalid,
  unsupported_media_type: line(415, 'UNSUPPORTED_MEDIA_TYPE'),
  payload_too_large: line(413, 'PAYLOAD_TOO_LARGE'),
  request_timeout: line(408, 'REQUEST_TIMEOUT'),
  route_not_found: line(404, 'NOT_FOUND'),
  method_not_allowed: line(405, 'METHOD_NOT_ALLOWED'),
  // The answer does not tell whether a key is missing, unknown or revoked.
  unauthenticated: { ...line(401, 'UNAUTHORIZED'), message: keyNeeded },
  role_forbidden: line(403, 'FORBIDDEN'),
  origin_not_allowed: line(403, 'FORBIDDEN'),
  task_not_found: line(404, 'TASK_NOT_FOUND'),
  agent_not_found: line(404, 'AGENT_NOT_FOUND'),
  agent_unavailable: unavailable,
  agent_busy: line(409, 'CONFLICT'),
  key_not_found: line(404, 'NOT_FOUND'),
  user_not_found: line(404, 'NOT_FOUND'),
  team_not_found: line(404, 'NOT_FOUND'),
  file_not_found: line(404, 'NOT_FOUND'),
  webhook_not_found: line(404, 'NOT_FOUND'),
  delivery_not_found: line(404, 'NOT_FOUND'),
  chat_not_found: line(404, 'NOT_FOUND'),
  policy_not_found: unavailable,
  statement_not_found: line(404, 'NOT_FOUND'),
  prompt_not_found: line(404, 'NOT_FOUND'),
  share_not_found: line(404, 'NOT_FOUND'),
  pool_not_found: line(404, 'NOT_FOUND'),
  machine_not_found: line(404, 'NOT_FOUND'),
  run_settled: line(400, 'TASK_FINISHED'),
  // This is an action that the present state excludes, such as pausing a paused agent.
  move_refused: line(400, 'INVALID_STATE'),
  task_held: line(409, 'CONFLICT'),
  certificate_used: line(409, 'CONFLICT'),
  prompt_settled: line(409, 'CONFLICT'),
  no_open_question: line(409, 'CONFLICT'),
  task_busy: line(409, 'CONFLICT'),
  idempotency_mismatch: line(409, 'CONFLICT'),
  idempotency_in_progress: line(409, 'CONFLICT'),
  name_taken: line(409, 'CONFLICT'),
  content_sealed: invalid,
  // A Shinzo request names neither model nor tool. They are the agent's, which cannot work as it is configured.
  model_unknown: unavailable,
  model_key_missing: unavailable,
  model_unpriced: unavailable,
  tool_unknown: unavailable,
  policy_invalid: unavailable,
  budget_exhausted: line(403, 'FORBIDDEN'),
  capability_denied: line(403, 'FORBIDDEN'),
  limit_exceeded: line(429, 'RATE_LIMIT_EXCEEDED'),
  overloaded: line(503, 'OVERLOADED'),
  storage_unavailable: line(503, 'STORAGE_UNAVAILABLE'),
  shutting_down: line(503, 'SHUTTING_DOWN'),
  internal: line(500, 'INTERNAL_ERROR'),
}

/**
 * Converts refusals to Shinzo's errors. The same refusal gives the same bytes, but for `meta`, which names the
 * request and the instant.
 */
export const refusals = defineRefusals({
  lines,
  schema: ErrorSchema,
  statusOf,
  body({ fields, limit }, { code, message }, { requestId, at }): ErrorBody {
    const wrong = fields.map(({ field, message: reason }) => ({ field, reason }))
    const details = { ...wrong[0], ...(wrong.length > 0 && { fields: wrong }), ...(limit !== undefined && { limit }) }
    const meta = { request_id: requestId, timestamp: instantOf(at) }
    return { success: false, error: { code, message, details }, meta }
  },
  describe: (_name, { code }) => `\`${code}\``,
})

/** The OpenAPI responses of a route: its successes, with the errors that it may answer. */
export const { answers } = refusals

/** The OpenAPI responses of a route that reads a body and writes. */
export function answersToBody(well: Answers, codes: readonly RefusalCode[]): Answers {
  return refusals.answersToBody(well, ['role_forbidden', ...codes])
}
