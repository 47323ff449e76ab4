import type { FastifyReply } from 'fastify'
import type { Refusal } from '../../domain/refusal.ts'
import { sendRefused } from '../edge/define-refusals.ts'
import { type Problem, problemMediaType } from './contract/problem.ts'
import { problemTable } from './problem-table.ts'

/** Converts a refusal to the problem details of RFC 9457. */
export function problemOf({ code, message, fields, denied, limit }: Refusal): Problem {
  const { status, title } = problemTable[code]
  return {
    type: `urn:mandate:error:${code}`,
    title,
    status,
    code,
    detail: message,
    ...(fields.length > 0 && { errors: fields.map(({ field, message: wrong }) => ({ field, message: wrong })) }),
    ...(denied.length > 0 && { denied: denied.map((one) => ({ ...one })) }),
    ...(limit !== undefined && { limit }),
  }
}

/** Answers with a refusal and the headers that HTTP requires with it. */
export function sendProblem(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const problem = problemOf(refusal)
  return sendRefused(reply, refusal, problem.status, problem, problemMediaType)
}
