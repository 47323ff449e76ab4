import type { RefusalCode, SettledPromptFacts } from '../../../domain/refusal.ts'
import { defineRefusals, type RefusalLine } from '../../edge/define-refusals.ts'
import { instantOf } from '../../edge/instants.ts'
import { type ErrorBody, ErrorSchema } from './contract/error.ts'
import { statusOf } from './states.ts'

/** Neo has one kind of refusal for each status. */
const kinds = {
  400: 'bad request',
  401: 'unauthorized request',
  403: 'forbidden request',
  404: 'not found',
  405: 'method not allowed',
  408: 'request timeout',
  409: 'conflict',
  413: 'payload too large',
  415: 'unsupported media type',
  429: 'too many requests',
  500: 'internal error',
  503: 'service unavailable',
} as const

interface Line extends RefusalLine {
  readonly kind: string
  readonly code: string
  readonly error: string
}

const line = (status: keyof typeof kinds, code: string, error: string): Line => ({
  status,
  kind: kinds[status],
  code,
  error,
})

/** Neo's error for each refusal of the core. */
const lines: Readonly<Record<RefusalCode, Line>> = {
  malformed_request: line(400, 'malformed_request', 'The request cannot be read'),
  invalid_input: line(400, 'validation_error', 'Something in the request is not allowed'),
  unsupported_media_type: line(415, 'unsupported_media_type', 'The body has a form that is not taken'),
  payload_too_large: line(413, 'payload_too_large', 'The body is too large'),
  request_timeout: line(408, 'request_timeout', 'The request did not come in time'),
  route_not_found: line(404, 'route_not_found', 'There is no such path'),
  method_not_allowed: line(405, 'method_not_allowed', 'The path does not take this method'),
  unauthenticated: line(401, 'unauthorized', 'A valid token or key is needed'),
  role_forbidden: line(403, 'forbidden', 'Your role does not allow it'),
  origin_not_allowed: line(403, 'forbidden', 'The page may not use this server'),
  task_not_found: line(404, 'task_not_found', 'There is no such task'),
  agent_not_found: line(404, 'agent_not_found', 'There is no such agent'),
  key_not_found: line(404, 'key_not_found', 'There is no such key'),
  user_not_found: line(404, 'user_not_found', 'There is no such user'),
  team_not_found: line(404, 'team_not_found', 'There is no such team'),
  file_not_found: line(404, 'file_not_found', 'There is no such file'),
  chat_not_found: line(404, 'chat_not_found', 'There is no such chat'),
  policy_not_found: line(400, 'policy_not_found', 'There is no such policy'),
  statement_not_found: line(404, 'statement_not_found', 'There is no such statement'),
  prompt_not_found: line(404, 'prompt_not_found', 'There is no such prompt'),
  share_not_found: line(404, 'share_not_found', 'There is no such share'),
  pool_not_found: line(404, 'pool_not_found', 'There is no such pool'),
  machine_not_found: line(404, 'machine_not_found', 'There is no such machine'),
  webhook_not_found: line(404, 'webhook_not_found', 'There is no such webhook'),
  delivery_not_found: line(404, 'delivery_not_found', 'There is no such delivery'),
  run_settled: line(409, 'task_ended', 'The task has ended'),
  move_refused: line(409, 'state_conflict', 'The task cannot do this in its state'),
  task_held: line(409, 'task_held', 'A legal hold is on the task'),
  certificate_used: line(409, 'certificate_used', 'The action has begun'),
  prompt_settled: line(409, 'prompt_settled', 'The prompt is settled'),
  no_open_question: line(409, 'no_open_question', 'There is no question to answer'),
  task_busy: line(409, 'task_busy', 'The task is busy'),
  agent_unavailable: line(409, 'agent_unavailable', 'The agent takes no tasks'),
  agent_busy: line(409, 'agent_busy', 'The agent has tasks under way'),
  idempotency_mismatch: line(409, 'idempotency_mismatch', 'The idempotency key was used for another request'),
  idempotency_in_progress: line(409, 'idempotency_in_progress', 'A request with this idempotency key is under way'),
  name_taken: line(409, 'name_taken', 'The name is taken'),
  content_sealed: line(400, 'content_sealed', 'The content is sealed'),
  model_unknown: line(400, 'model_unknown', 'There is no such model'),
  model_key_missing: line(400, 'model_unavailable', 'The model has no key on this server'),
  model_unpriced: line(400, 'model_unavailable', 'The model has no price on this server'),
  tool_unknown: line(400, 'tool_unknown', 'There is no such tool'),
  policy_invalid: line(400, 'policy_invalid', 'The policy is not valid'),
  budget_exhausted: line(403, 'budget_exhausted', 'The budget is used up'),
  capability_denied: line(403, 'capability_denied', 'The capability is not granted'),
  limit_exceeded: line(429, 'limit_exceeded', 'A limit is reached'),
  overloaded: line(503, 'overloaded', 'The server has too much to do'),
  storage_unavailable: line(503, 'storage_unavailable', 'The storage does not work'),
  shutting_down: line(503, 'shutting_down', 'The server is stopping'),
  internal: line(500, 'internal_error', 'The server made a mistake'),
}

/**
 * Converts refusals to Neo's errors. The same refusal gives the same bytes, so that requests cannot be distinguished by
 * it.
 */
export const refusals = defineRefusals({
  lines,
  schema: ErrorSchema,
  statusOf,
  body({ code: name, fields, limit, settled }, { code, error, kind, message }): ErrorBody {
    return {
      error,
      code,
      error_id: name,
      kind,
      message,
      ...(fields.length > 0 && { details: fields.map(({ field, message: wrong }) => ({ field, message: wrong })) }),
      ...(limit !== undefined && { limit }),
      ...(settled !== undefined && { settled: settledView(settled) }),
    }
  },
  describe: (_name, { code, error }) => `\`${code}\`: ${error}.`,
  separator: ' ',
})

function settledView({ prompt, state, outcome, settledAt }: SettledPromptFacts): NonNullable<ErrorBody['settled']> {
  return { id: prompt, state, outcome, settled_at: instantOf(settledAt) }
}

/** The OpenAPI responses of a route: its successes, with the errors that it may answer. */
export const { answers, answersToBody, openAnswers } = refusals
