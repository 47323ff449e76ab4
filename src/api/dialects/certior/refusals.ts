import type { RefusalCode } from '../../../domain/refusal.ts'
import { defineRefusals, type RefusalLine } from '../../edge/define-refusals.ts'
import { type ErrorBody, ErrorSchema } from './contract/error.ts'
import { locationOf, ModelMismatch } from './model-mismatch.ts'
import { statusOf } from './states.ts'

/** The body is always `detail`. Its form follows from the status and the code. */
const lines: Readonly<Record<RefusalCode, RefusalLine>> = {
  malformed_request: { status: 400 },
  invalid_input: { status: 422 },
  unsupported_media_type: { status: 415 },
  payload_too_large: { status: 413 },
  request_timeout: { status: 408 },
  route_not_found: { status: 404 },
  method_not_allowed: { status: 405 },
  unauthenticated: { status: 401 },
  role_forbidden: { status: 403 },
  origin_not_allowed: { status: 403 },
  task_not_found: { status: 404, message: 'Execution not found' },
  // A Certior client knows no agents, so that a missing agent is a fault of the server.
  agent_not_found: { status: 503 },
  agent_unavailable: { status: 503 },
  agent_busy: { status: 409 },
  key_not_found: { status: 404 },
  user_not_found: { status: 404 },
  team_not_found: { status: 404 },
  file_not_found: { status: 404 },
  webhook_not_found: { status: 404 },
  delivery_not_found: { status: 404 },
  chat_not_found: { status: 404 },
  policy_not_found: { status: 400 },
  statement_not_found: { status: 404 },
  prompt_not_found: { status: 404 },
  share_not_found: { status: 404 },
  pool_not_found: { status: 404 },
  machine_not_found: { status: 404 },
  run_settled: { status: 409 },
  move_refused: { status: 409 },
  task_held: { status: 409 },
  certificate_used: { status: 409 },
  prompt_settled: { status: 409 },
  no_open_question: { status: 409 },
  task_busy: { status: 409 },
  idempotency_mismatch: { status: 422 },
  idempotency_in_progress: { status: 409 },
  name_taken: { status: 409 },
  content_sealed: { status: 422 },
  // The body matches its model, but it names something that does not exist or cannot be paid for.
  model_unknown: { status: 400 },
  model_key_missing: { status: 422 },
  model_unpriced: { status: 400 },
  tool_unknown: { status: 422 },
  policy_invalid: { status: 400 },
  budget_exhausted: { status: 403 },
  capability_denied: { status: 403 },
  limit_exceeded: { status: 429 },
  overloaded: { status: 503 },
  storage_unavailable: { status: 503 },
  shutting_down: { status: 503 },
  internal: { status: 500 },
}

/**
 * Converts refusals to Certior's errors. The same refusal gives the same bytes, so that requests cannot be
 * distinguished by it.
 */
export const refusals = defineRefusals({
  lines,
  schema: ErrorSchema,
  statusOf,
  body(refusal, { status, message }): ErrorBody {
    const { code, fields, denied } = refusal
    if (refusal instanceof ModelMismatch) return { detail: [...refusal.mismatches] }
    if (code === 'capability_denied') return { detail: { message, denied: denied.map((one) => ({ ...one })) } }
    if (status !== 422) return { detail: message }
    const wrong = fields.length === 0 ? [{ field: '', message }] : fields
    const type = 'value_error'
    return { detail: wrong.map(({ field, message: msg }) => ({ loc: locationOf('body', field), msg, type })) }
  },
  describe: (code) => `\`${code}\``,
})

/** The OpenAPI responses of a route: its successes, with the errors that it may answer. */
export const { answers } = refusals
