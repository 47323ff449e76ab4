import type { FastifyReply } from 'fastify'
import type { Refusal } from '../../../domain/refusal.ts'
import { instantOf } from '../../edge/instants.ts'
import { sayRefusal } from '../../edge/say-refusal.ts'
import { sendRefused } from '../../send-refused.ts'
import type { ErrorBody } from './contract/error.ts'
import { refusalTable } from './refusal-table.ts'
import { statusOf } from './task-status.ts'

const keyNeeded =
  'A valid token or key is needed: send "Authorization: Bearer <token or key>", "x-shinzo-api-key: <key>" or "x-api-key: <key>".'

/**
 * A refusal in the words of Shinzo. Beside `meta`, which names the request and the moment, the same refusal is the same
 * bytes.
 */
export function errorBody(refusal: Refusal, meta: ErrorBody['meta']): ErrorBody {
  const { code: name, fields, limit } = refusal
  const { code } = refusalTable[name]
  const wrong = fields.map(({ field, message: reason }) => ({ field, reason }))
  const details = { ...wrong[0], ...(wrong.length > 0 && { fields: wrong }), ...(limit !== undefined && { limit }) }
  // Whether a key is missing, unknown or revoked is not told.
  const message = name === 'unauthenticated' ? keyNeeded : sayRefusal(refusal, statusOf)
  return { success: false, error: { code, message, details }, meta }
}

/** Answers with a refusal, and with what HTTP wants beside it. */
export function sendRefusal(reply: FastifyReply, refusal: Refusal, now: number): FastifyReply {
  const { status } = refusalTable[refusal.code]
  // What is refused before any route is looked for has no such header yet.
  void reply.header('x-request-id', reply.request.id)
  const meta = { request_id: reply.request.id, timestamp: instantOf(now) }
  return sendRefused(reply, refusal, status, errorBody(refusal, meta))
}
