import type { FastifyReply } from 'fastify'
import type { Refusal } from '../../../domain/refusal.ts'
import { sayRefusal } from '../../edge/say-refusal.ts'
import { sendRefused } from '../../send-refused.ts'
import type { ErrorBody } from './contract/error.ts'
import { refusalLine } from './refusal-table.ts'
import { statusOf } from './state-words.ts'

/** A refusal in the words of Neo. The same refusal is the same bytes: nothing in it tells one request from another. */
export function errorBody(refusal: Refusal): ErrorBody {
  const { code: name, fields, limit } = refusal
  const { error, code, kind } = refusalLine(name)
  return {
    error,
    code,
    error_id: name,
    kind,
    message: sayRefusal(refusal, statusOf),
    ...(fields.length > 0 && { details: fields.map(({ field, message: wrong }) => ({ field, message: wrong })) }),
    ...(limit !== undefined && { limit }),
  }
}

/** Answers with a refusal, and with what HTTP wants beside it. */
export function sendRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { status } = refusalLine(refusal.code)
  return sendRefused(reply, refusal, status, errorBody(refusal))
}
