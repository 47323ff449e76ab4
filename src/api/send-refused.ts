import type { FastifyReply } from 'fastify'
import type { Refusal } from '../domain/refusal.ts'

/**
 * Answers with a refusal in a dialect's words and the headers that HTTP asks for: `WWW-Authenticate` for 401, and
 * `Retry-After` (whole seconds) where another try may help.
 */
export function sendRefused(
  reply: FastifyReply,
  refusal: Refusal,
  status: number,
  body: object,
  mediaType = 'application/json; charset=utf-8',
): FastifyReply {
  if (status === 401) void reply.header('www-authenticate', 'Bearer')
  if (refusal.retryAfterMs !== undefined) {
    void reply.header('retry-after', String(Math.max(1, Math.ceil(refusal.retryAfterMs / 1_000))))
  }
  // A string with its own type passes the reply's serializer untouched.
  return reply.code(status).type(mediaType).send(JSON.stringify(body))
}
