import type { FastifyReply } from 'fastify'
import type { Refusal } from '../../domain/refusal.ts'
import { type Problem, problemMediaType } from './contract/problem.ts'
import { problemTable } from './problem-table.ts'

/** A refusal in the words of RFC 9457. */
export function problemOf({ code, message, fields, limit }: Refusal): Problem {
  const { status, title } = problemTable[code]
  return {
    type: `urn:mandate:error:${code}`,
    title,
    status,
    code,
    detail: message,
    ...(fields.length > 0 && { errors: fields.map(({ field, message: wrong }) => ({ field, message: wrong })) }),
    ...(limit !== undefined && { limit }),
  }
}

/** Answers with a refusal, and with what HTTP wants beside it. */
export function sendProblem(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const problem = problemOf(refusal)
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer')
  if (refusal.retryAfterMs !== undefined) {
    void reply.header('retry-after', String(Math.max(1, Math.ceil(refusal.retryAfterMs / 1_000))))
  }
  // A string with its own type: it passes the reply's serializer untouched.
  return reply.code(problem.status).type(problemMediaType).send(JSON.stringify(problem))
}
