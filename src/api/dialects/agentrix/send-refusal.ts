import type { FastifyReply } from 'fastify'
import type { Refusal } from '../../../domain/refusal.ts'
import { sayRefusal } from '../../edge/say-refusal.ts'
import { sendRefused } from '../../send-refused.ts'
import type { ErrorBody } from './contract/error.ts'
import { refusalTable } from './refusal-table.ts'
import { stateWords } from './state-words.ts'

/** A refusal in the words of Agentrix. The same refusal is the same bytes: nothing in it tells one request from another. */
export function errorBody(refusal: Refusal): ErrorBody {
  const { code, error, message = sayRefusal(refusal, (state) => stateWords[state]) } = refusalTable[refusal.code]
  const body = { code, error, message }
  return code === 'INVALID_REQUEST' ? { ...body, details: detailsOf(refusal) } : body
}

/** The product says of every request that is not valid the same; which fields, and why, stands beside it. */
function detailsOf({ message, fields }: Refusal): NonNullable<ErrorBody['details']> {
  return fields.length === 0
    ? [{ message }]
    : fields.map(({ field, message: allowed }) => ({ field, message: allowed }))
}

/** Answers with a refusal, and with what HTTP wants beside it. */
export function sendRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { status } = refusalTable[refusal.code]
  return sendRefused(reply, refusal, status, errorBody(refusal))
}
