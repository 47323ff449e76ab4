import type { FastifyReply } from 'fastify'
import type { Refusal } from '../../../domain/refusal.ts'
import type { ErrorBody } from './contract/error.ts'
import { refusalTable } from './refusal-table.ts'

/** A refusal in the words of Agentrix. The same refusal is the same bytes: nothing in it tells one request from another. */
export function errorBody(refusal: Refusal): ErrorBody {
  const { code, error, message } = refusalTable[refusal.code]
  return { code, error, message: message ?? sentenceOf(refusal) }
}

/** A request that is not valid says so as the product does, and then which fields and why. */
function sentenceOf({ code, message, fields }: Refusal): string {
  if (code !== 'invalid_input') return message
  const wrong = fields.map((one) => `${one.field} ${one.message}`)
  return `Invalid request parameters: ${wrong.length === 0 ? message : wrong.join('; ')}`
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
