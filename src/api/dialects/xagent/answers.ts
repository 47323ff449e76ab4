import { type TSchema, Type } from 'typebox'
import type { RefusalCode } from '../../../domain/refusal.ts'
import { describeRefusals } from '../../describe-refusals.ts'
import { ErrorSchema } from './contract/error.ts'
import { refusalTable } from './refusal-table.ts'

/** Also where nobody needs a key: too many connections are open. */
const toAll: readonly RefusalCode[] = ['internal', 'limit_exceeded']
const always: readonly RefusalCode[] = ['unauthenticated', 'shutting_down', 'storage_unavailable', 'malformed_request']

const toMessage: readonly RefusalCode[] = [
  'invalid_input',
  'unsupported_media_type',
  'payload_too_large',
  'request_timeout',
  'agent_not_found',
  'role_forbidden',
  'agent_unavailable',
  'model_key_missing',
  'overloaded',
]

/** Everything that a route may answer, for the OpenAPI document: its answers when all is well and the refusals it may meet. */
export function answers(well: Readonly<Record<number, unknown>>, refusals: readonly RefusalCode[]) {
  return openAnswers(well, [...always, ...refusals])
}

/** `answers` of a route that takes no key. */
export function openAnswers(well: Readonly<Record<number, unknown>>, refusals: readonly RefusalCode[] = []) {
  const tell = (name: RefusalCode) => ({ status: refusalTable[name].status, words: `\`${refusalTable[name].code}\`` })
  return { ...describeRefusals([...toAll, ...refusals], tell, ErrorSchema), ...well }
}

/** `answers` of a route that takes a message. */
export function answersToMessage(well: Readonly<Record<number, unknown>>, refusals: readonly RefusalCode[]) {
  return answers(well, [...toMessage, ...refusals])
}

export function json(description: string, schema: TSchema) {
  return { description, content: { 'application/json': { schema } } }
}

export const TaskParams = Type.Object({ task_id: Type.String({ description: 'The number of a task.' }) })
