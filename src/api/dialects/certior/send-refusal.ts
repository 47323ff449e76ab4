import type { FastifyReply } from 'fastify'
import type { Refusal } from '../../../domain/refusal.ts'
import { sayRefusal } from '../../edge/say-refusal.ts'
import { sendRefused } from '../../send-refused.ts'
import type { ErrorBody } from './contract/error.ts'
import { statusOf } from './execution-status.ts'
import { locationOf, ModelMismatch } from './model-mismatch.ts'
import { refusalStatus } from './refusal-table.ts'

/** A refusal in the words of Certior. The same refusal is the same bytes: nothing in it tells one request from another. */
export function errorBody(refusal: Refusal): ErrorBody {
  const { code, fields, denied } = refusal
  const message = sayRefusal(refusal, statusOf)
  if (refusal instanceof ModelMismatch) return { detail: [...refusal.mismatches] }
  if (code === 'task_not_found') return { detail: 'Execution not found' }
  if (code === 'capability_denied') return { detail: { message, denied: denied.map((one) => ({ ...one })) } }
  if (refusalStatus[code] !== 422) return { detail: message }
  const wrong = fields.length === 0 ? [{ field: '', message }] : fields
  const type = 'value_error'
  return { detail: wrong.map(({ field, message: msg }) => ({ loc: locationOf('body', field), msg, type })) }
}

/** Answers with a refusal, and with what HTTP wants beside it. */
export function sendRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const status = refusalStatus[refusal.code]
  return sendRefused(reply, refusal, status, errorBody(refusal))
}
