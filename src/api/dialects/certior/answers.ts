import { type TSchema, Type } from 'typebox'
import type { RefusalCode } from '../../../domain/refusal.ts'
import { describeRefusals } from '../../describe-refusals.ts'
import { ErrorSchema } from './contract/error.ts'
import { refusalStatus } from './refusal-table.ts'

/** Also where nobody needs a key: too many connections are open. */
const toAll: readonly RefusalCode[] = ['internal', 'limit_exceeded']
const always: readonly RefusalCode[] = ['unauthenticated', 'shutting_down', 'storage_unavailable', 'malformed_request']

/** Everything that a route may answer, for the OpenAPI document: its answers when all is well and the refusals it may meet. */
export function answers(well: Readonly<Record<number, unknown>>, refusals: readonly RefusalCode[]) {
  return openAnswers(well, [...always, ...refusals])
}

/** `answers` of a route that takes no key. */
export function openAnswers(well: Readonly<Record<number, unknown>>, refusals: readonly RefusalCode[] = []) {
  const tell = (code: RefusalCode) => ({ status: refusalStatus[code], words: `\`${code}\`` })
  return { ...describeRefusals([...toAll, ...refusals], tell, ErrorSchema), ...well }
}

export function json(description: string, schema: TSchema) {
  return { description, content: { 'application/json': { schema } } }
}

export const ExecutionParams = Type.Object({ id: Type.String() })

/** The key may stand in the address; a name that is not known is left alone. */
export const keyInQuery = {
  api_key: Type.Optional(Type.String({ description: 'The key, where no header can be set.' })),
}
export const KeyQuerySchema = Type.Object(keyInQuery)
