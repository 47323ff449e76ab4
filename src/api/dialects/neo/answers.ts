import { type TSchema, Type } from 'typebox'
import type { RefusalCode } from '../../../domain/refusal.ts'
import { describeRefusals } from '../../describe-refusals.ts'
import { ErrorSchema } from './contract/error.ts'
import { refusalLine } from './refusal-table.ts'

/** Also where nobody needs a key: too many connections are open. */
const toAll: readonly RefusalCode[] = ['internal', 'limit_exceeded']
const always: readonly RefusalCode[] = ['shutting_down', 'storage_unavailable', 'malformed_request']

/** Everything that a route may answer, for the OpenAPI document: its answers when all is well and the refusals it may meet. */
export function answers(well: Readonly<Record<number, unknown>>, refusals: readonly RefusalCode[]) {
  return openAnswers(well, [...always, ...refusals])
}

/** `answers` of a route that takes no key. */
export function openAnswers(well: Readonly<Record<number, unknown>>, refusals: readonly RefusalCode[] = []) {
  const tell = (name: RefusalCode) => {
    const { status, code, error } = refusalLine(name)
    return { status, words: `\`${code}\`: ${error}.` }
  }
  return { ...describeRefusals([...toAll, ...refusals], tell, ErrorSchema, { separator: ' ' }), ...well }
}

export function json(description: string, schema: TSchema) {
  return { description, content: { 'application/json': { schema } } }
}

export const eventStream = { 'text/event-stream': { schema: { type: 'string' } } }

export const TaskParams = Type.Object({ id: Type.String() })
