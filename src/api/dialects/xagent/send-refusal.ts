import type { FastifyReply } from 'fastify'
import type { Refusal } from '../../../domain/refusal.ts'
import type { ErrorBody } from './contract/error.ts'
import { refusalTable } from './refusal-table.ts'

/** A refusal in the words of Xagent. The same refusal is the same bytes: nothing in it tells one request from another. */
export function errorBody(refusal: Refusal): ErrorBody {
  const { code, message = refusal.message } = refusalTable[refusal.code]
  const { fields } = refusal
  const details = fields.map(({ field, message: allowed }) => ({ field, message: allowed }))
  return { error: { code, message, ...(details.length > 0 && { details }) } }
}

/** Answers with a refusal, and with what HTTP wants beside it. */
export function sendRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { status } = refusalTable[refusal.code]
  if (status === 401) void reply.header('www-authenticate', 'Bearer')
  if (refusal.retryAfterMs !== undefined) {
    void reply.header('retry-after', String(Math.max(1, Math.ceil(refusal.retryAfterMs / 1_000))))
  }
  // A string with its own type: it passes the reply's serializer untouched.
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(errorBody(refusal)))
}
