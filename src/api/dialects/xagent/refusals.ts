import type { RefusalCode } from '../../../domain/refusal.ts'
import { type Answers, defineRefusals, type RefusalLine } from '../../edge/define-refusals.ts'
import { type ErrorBody, ErrorSchema } from './contract/error.ts'
import { InteractionRefusal } from './interactions.ts'
import { statusWords } from './states.ts'

interface Line extends RefusalLine {
  readonly code: string
  /** The code that such a refusal has where it is about what the task asks (`InteractionRefusal`). */
  readonly interaction?: InteractionRefusal['word'] | undefined
}

const invalid = { status: 422, code: 'invalid_input' } as const
const notFound = { status: 404, code: 'not_found' } as const
const conflict = { status: 409, code: 'conflict' } as const
/** The agent cannot run as it is configured, or the server is overloaded. The caller can do nothing about either. */
const unavailable = { status: 503, code: 'temporarily_unavailable' } as const

const internal = {
  status: 500,
  code: 'internal_error',
  message: 'Something went wrong in the server. It was logged.',
} as const

/** Xagent's error for each refusal of the core. */
const lines: Readonly<Record<RefusalCode, Line>> = {
  malformed_request: invalid,
  invalid_input: invalid,
  unsupported_media_type: { status: 415, code: 'unsupported_media_type' },
  payload_too_large: { status: 413, code: 'payload_too_large' },
  request_timeout: { status: 408, code: 'request_timeout' },
  route_not_found: notFound,
  method_not_allowed: { status: 405, code: 'method_not_allowed' },
  unauthenticated: {
    status: 401,
    code: 'invalid_api_key',
    message: 'The API key is missing or not valid here. Send the key of an agent: "Authorization: Bearer xag_…".',
  },
  role_forbidden: { status: 403, code: 'forbidden' },
  origin_not_allowed: { status: 403, code: 'forbidden' },
  task_not_found: { status: 404, code: 'task_not_found', message: 'There is no such task.' },
  agent_not_found: { status: 404, code: 'agent_not_found', message: 'There is no such agent.' },
  key_not_found: notFound,
  user_not_found: notFound,
  team_not_found: notFound,
  // This is about file ids in a message, which are checked before there is a task.
  file_not_found: { status: 400, code: 'file_not_found' },
  chat_not_found: notFound,
  policy_not_found: unavailable,
  statement_not_found: notFound,
  prompt_not_found: notFound,
  share_not_found: notFound,
  pool_not_found: notFound,
  machine_not_found: notFound,
  webhook_not_found: notFound,
  delivery_not_found: notFound,
  run_settled: conflict,
  move_refused: conflict,
  task_held: conflict,
  certificate_used: conflict,
  prompt_settled: { status: 409, code: 'no_pending_interaction' },
  no_open_question: { status: 409, code: 'no_pending_interaction', interaction: 'interaction_not_resumable' },
  task_busy: { status: 409, code: 'task_busy', interaction: 'interaction_response_required' },
  agent_unavailable: unavailable,
  agent_busy: conflict,
  idempotency_mismatch: { status: 409, code: 'idempotency_conflict' },
  idempotency_in_progress: { status: 409, code: 'idempotency_conflict' },
  name_taken: conflict,
  content_sealed: invalid,
  model_unknown: unavailable,
  model_key_missing: unavailable,
  model_unpriced: unavailable,
  tool_unknown: unavailable,
  policy_invalid: unavailable,
  budget_exhausted: { status: 403, code: 'forbidden' },
  capability_denied: { status: 403, code: 'forbidden' },
  limit_exceeded: { status: 429, code: 'rate_limited' },
  overloaded: unavailable,
  // The original answers a broken store in the same way, and its clients know no better code.
  storage_unavailable: internal,
  shutting_down: unavailable,
  internal,
}

/**
 * Converts refusals to Xagent's errors. The same refusal gives the same bytes, so that requests cannot be distinguished
 * by it.
 */
export const refusals = defineRefusals({
  lines,
  schema: ErrorSchema,
  statusOf: (state) => statusWords[state],
  body(refusal, { code: usual, message }): ErrorBody {
    const { fields } = refusal
    const code = refusal instanceof InteractionRefusal ? refusal.word : usual
    const details = fields.map(({ field, message: allowed }) => ({ field, message: allowed }))
    return { error: { code, message, ...(details.length > 0 && { details }) } }
  },
  describe: (_name, { code, interaction }) =>
    interaction === undefined ? `\`${code}\`` : `\`${code}\`, \`${interaction}\``,
})

/** The OpenAPI responses of a route: its successes, with the errors that it may answer. */
export const { answers } = refusals

const toMessage: readonly RefusalCode[] = [
  'agent_not_found',
  'file_not_found',
  'role_forbidden',
  'agent_unavailable',
  'model_key_missing',
]

/** The OpenAPI responses of a route that takes a message. */
export function answersToMessage(well: Answers, codes: readonly RefusalCode[]): Answers {
  return refusals.answersToBody(well, [...toMessage, ...codes])
}

/** The OpenAPI responses of the route that takes an answer. */
export function answersToReply(well: Answers, codes: readonly RefusalCode[]): Answers {
  return refusals.answersToBody(well, ['agent_not_found', 'role_forbidden', ...codes])
}
