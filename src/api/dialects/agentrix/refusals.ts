import type { Refusal, RefusalCode, SettledPromptFacts } from '../../../domain/refusal.ts'
import { defineRefusals, type RefusalLine } from '../../edge/define-refusals.ts'
import { instantOf } from '../../edge/instants.ts'
import { statusOf } from './ask-user.ts'
import { type ErrorBody, ErrorSchema } from './contract/error.ts'
import { stateWords } from './states.ts'

interface Line extends RefusalLine {
  readonly code: string
  readonly error: string
}

const invalid = {
  status: 400,
  code: 'INVALID_REQUEST',
  error: 'validation_error',
  message: 'Invalid request parameters',
}
const notFound = (thing: string) => ({
  status: 404,
  code: `${thing.toUpperCase()}_NOT_FOUND`,
  error: 'not_found',
  message: `${thing} not found`,
})
const conflict = (code: string) => ({ status: 409, code, error: 'conflict' })
const unavailable = (code: string) => ({ status: 503, code, error: 'service_unavailable' })

/**
 * Agentrix's error for each refusal of the core. 400, 401 and `CHAT_NOT_FOUND` have the wording of the product's
 * document.
 */
const lines: Readonly<Record<RefusalCode, Line>> = {
  malformed_request: invalid,
  invalid_input: invalid,
  unsupported_media_type: { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', error: 'unsupported_media_type' },
  payload_too_large: { status: 413, code: 'PAYLOAD_TOO_LARGE', error: 'payload_too_large' },
  request_timeout: { status: 408, code: 'REQUEST_TIMEOUT', error: 'request_timeout' },
  route_not_found: { status: 404, code: 'NOT_FOUND', error: 'not_found' },
  method_not_allowed: { status: 405, code: 'METHOD_NOT_ALLOWED', error: 'method_not_allowed' },
  unauthenticated: {
    status: 401,
    code: 'UNAUTHORIZED',
    error: 'unauthorized',
    message: 'Invalid or missing API key',
  },
  role_forbidden: { status: 403, code: 'FORBIDDEN', error: 'forbidden' },
  origin_not_allowed: { status: 403, code: 'FORBIDDEN', error: 'forbidden' },
  task_not_found: notFound('Task'),
  agent_not_found: notFound('Agent'),
  key_not_found: notFound('Key'),
  user_not_found: notFound('User'),
  team_not_found: notFound('Team'),
  file_not_found: notFound('File'),
  chat_not_found: notFound('Chat'),
  policy_not_found: invalid,
  statement_not_found: notFound('Statement'),
  prompt_not_found: notFound('Prompt'),
  share_not_found: notFound('Share'),
  pool_not_found: notFound('Cloud'),
  machine_not_found: notFound('Machine'),
  webhook_not_found: notFound('Webhook'),
  delivery_not_found: notFound('Delivery'),
  run_settled: conflict('TASK_ENDED'),
  move_refused: conflict('INVALID_STATE'),
  task_held: conflict('TASK_HELD'),
  certificate_used: conflict('CERTIFICATE_USED'),
  prompt_settled: conflict('PROMPT_SETTLED'),
  no_open_question: conflict('NO_OPEN_QUESTION'),
  task_busy: conflict('TASK_BUSY'),
  agent_unavailable: conflict('AGENT_UNAVAILABLE'),
  agent_busy: conflict('AGENT_BUSY'),
  idempotency_mismatch: conflict('IDEMPOTENCY_MISMATCH'),
  idempotency_in_progress: conflict('IDEMPOTENCY_IN_PROGRESS'),
  name_taken: conflict('NAME_TAKEN'),
  content_sealed: { status: 400, code: 'CONTENT_ENCRYPTED', error: 'validation_error' },
  model_unknown: { status: 400, code: 'MODEL_UNAVAILABLE', error: 'validation_error' },
  model_key_missing: { status: 400, code: 'MODEL_UNAVAILABLE', error: 'validation_error' },
  model_unpriced: { status: 400, code: 'MODEL_UNAVAILABLE', error: 'validation_error' },
  tool_unknown: invalid,
  policy_invalid: invalid,
  budget_exhausted: { status: 403, code: 'BUDGET_EXHAUSTED', error: 'budget_exhausted' },
  capability_denied: { status: 403, code: 'FORBIDDEN', error: 'forbidden' },
  limit_exceeded: { status: 429, code: 'RATE_LIMITED', error: 'rate_limited' },
  overloaded: unavailable('OVERLOADED'),
  storage_unavailable: unavailable('STORAGE_UNAVAILABLE'),
  shutting_down: unavailable('SHUTTING_DOWN'),
  internal: { status: 500, code: 'INTERNAL_ERROR', error: 'internal_error', message: 'Internal server error' },
}

/**
 * Converts refusals to Agentrix's errors. The same refusal gives the same bytes, so that requests cannot be
 * distinguished by it.
 */
export const refusals = defineRefusals({
  lines,
  schema: ErrorSchema,
  statusOf: (state) => stateWords[state],
  body(refusal, { code, error, message }): ErrorBody {
    const body = { code, error, message }
    if (refusal.settled !== undefined) return { ...body, settled: settledView(refusal.settled) }
    return code === 'INVALID_REQUEST' ? { ...body, details: detailsOf(refusal) } : body
  },
  describe: (_name, { code }) => `\`${code}\``,
})

function settledView({ prompt, state, outcome, settledAt }: SettledPromptFacts): NonNullable<ErrorBody['settled']> {
  return { promptId: prompt, status: statusOf(state, outcome), settledAt: instantOf(settledAt) }
}

/** The OpenAPI responses of a route: its successes, with the errors that it may answer. */
export const { answers, answersToBody, openAnswers } = refusals

/** The product answers every invalid request with the same sentence. The fields at fault, and why, stand beside it. */
function detailsOf({ message, fields }: Refusal): NonNullable<ErrorBody['details']> {
  return fields.length === 0
    ? [{ message }]
    : fields.map(({ field, message: allowed }) => ({ field, message: allowed }))
}
