import type { FastifyReply } from 'fastify'
import type { Refusal } from '../../../domain/refusal.ts'
import { sayRefusal } from '../../edge/say-refusal.ts'
import { sendRefused } from '../../send-refused.ts'
import type { ErrorBody } from './contract/error.ts'
import { refusalTable } from './refusal-table.ts'
import { statusWords } from './task-status.ts'

/** A refusal in the words of Xagent. The same refusal is the same bytes: nothing in it tells one request from another. */
export function errorBody(refusal: Refusal): ErrorBody {
  const { code, message = sayRefusal(refusal, (state) => statusWords[state]) } = refusalTable[refusal.code]
  const { fields } = refusal
  const details = fields.map(({ field, message: allowed }) => ({ field, message: allowed }))
  return { error: { code, message, ...(details.length > 0 && { details }) } }
}

/** Answers with a refusal, and with what HTTP wants beside it. */
export function sendRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { status } = refusalTable[refusal.code]
  return sendRefused(reply, refusal, status, errorBody(refusal))
}
