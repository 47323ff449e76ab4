import type { FastifyReply } from 'fastify'
import type { Refusal } from '../../../domain/refusal.ts'
import { sendRefused } from '../../send-refused.ts'
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
  return sendRefused(reply, refusal, status, errorBody(refusal))
}
