import type { FastifyReply } from 'fastify'
import type { Refusal } from '../../../domain/refusal.ts'
import type { ErrorBody } from './contract/error.ts'
import { refusalLine } from './refusal-table.ts'

/** A refusal in the words of Neo. The same refusal is the same bytes: nothing in it tells one request from another. */
export function errorBody({ code: name, message, fields, limit }: Refusal): ErrorBody {
  const { error, code, kind } = refusalLine(name)
  return {
    error,
    code,
    error_id: name,
    kind,
    message,
    ...(fields.length > 0 && { details: fields.map(({ field, message: wrong }) => ({ field, message: wrong })) }),
    ...(limit !== undefined && { limit }),
  }
}

/** Answers with a refusal, and with what HTTP wants beside it. */
export function sendRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { status } = refusalLine(refusal.code)
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
