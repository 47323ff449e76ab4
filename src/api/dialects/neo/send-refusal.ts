import type { FastifyReply } from 'fastify'
import type { Refusal } from '../../../domain/refusal.ts'
import { sendRefused } from '../../send-refused.ts'
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
  return sendRefused(reply, refusal, status, errorBody(refusal))
}
