import type { RefusalCode } from '../../../domain/refusal.ts'

interface RefusalLine {
  readonly status: number
  readonly code: string
}

const line = (status: number, code: string): RefusalLine => ({ status, code })
const invalid = line(400, 'INVALID_REQUEST')
const unavailable = line(503, 'AGENT_UNAVAILABLE')

/** What every refusal is for a Shinzo client. */
export const refusalTable: Readonly<Record<RefusalCode, RefusalLine>> = {
  malformed_request: invalid,
  invalid_input: invalid,
  unsupported_media_type: line(415, 'UNSUPPORTED_MEDIA_TYPE'),
  payload_too_large: line(413, 'PAYLOAD_TOO_LARGE'),
  request_timeout: line(408, 'REQUEST_TIMEOUT'),
  route_not_found: line(404, 'NOT_FOUND'),
  method_not_allowed: line(405, 'METHOD_NOT_ALLOWED'),
  unauthenticated: line(401, 'UNAUTHORIZED'),
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
  share_not_found: line(404, 'NOT_FOUND'),
  pool_not_found: line(404, 'NOT_FOUND'),
  machine_not_found: line(404, 'NOT_FOUND'),
  run_settled: line(400, 'TASK_FINISHED'),
  // What cannot be done in the state that something is in: pausing what is paused.
  move_refused: line(400, 'INVALID_STATE'),
  task_held: line(409, 'CONFLICT'),
  certificate_used: line(409, 'CONFLICT'),
  task_busy: line(409, 'CONFLICT'),
  idempotency_mismatch: line(409, 'CONFLICT'),
  idempotency_in_progress: line(409, 'CONFLICT'),
  name_taken: line(409, 'CONFLICT'),
  content_sealed: invalid,
  // A Shinzo request names neither model nor tool: they are the agent's, which cannot work as it is set up.
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
