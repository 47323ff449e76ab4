import { type TSchema, Type } from 'typebox'
import type { RefusalCode } from '../../domain/refusal.ts'
import { describeRefusals } from '../describe-refusals.ts'
import type { ResponseHeaderName } from '../openapi/headers.ts'
import { ProblemSchema, problemMediaType } from './contract/problem.ts'
import { problemTable } from './problem-table.ts'

/** These are also answered where no key is needed, because too many connections may be open. */
const toAll: readonly RefusalCode[] = ['internal', 'limit_exceeded']
const toCallers: readonly RefusalCode[] = [
  'unauthenticated',
  'shutting_down',
  'storage_unavailable',
  'malformed_request',
]
const toBodies: readonly RefusalCode[] = [
  'invalid_input',
  'unsupported_media_type',
  'payload_too_large',
  'request_timeout',
  'overloaded',
]

/**
 * Describes everything that a route may answer for the OpenAPI document: its successes, and the named refusals beside
 * those that every route has.
 */
export function answers(well: Readonly<Record<number, unknown>>, refusals: readonly RefusalCode[]) {
  return openAnswers(well, [...toCallers, ...refusals])
}

/** Describes the answers of a route that needs no key. */
export function openAnswers(well: Readonly<Record<number, unknown>>, refusals: readonly RefusalCode[] = []) {
  const tell = (code: RefusalCode) => {
    const { status, title } = problemTable[code]
    return { status, description: `\`${code}\`: ${title}.` }
  }
  const options = { separator: ' ', mediaType: problemMediaType }
  return { ...describeRefusals([...toAll, ...refusals], tell, ProblemSchema, options), ...well }
}

/** Describes the answers of a route that reads a body. */
export function answersToBody(well: Readonly<Record<number, unknown>>, refusals: readonly RefusalCode[]) {
  return answers(well, [...toBodies, ...refusals])
}

/** Describes a response with a JSON body of this schema, for the OpenAPI document. */
export function json(description: string, schema: TSchema, headers: readonly ResponseHeaderName[] = []) {
  return { description, headers, content: { 'application/json': { schema } } }
}

/** The path parameter of the routes of one resource. A value that is no id names nothing, and is 404. */
export const IdSchema = Type.Object({ id: Type.String() })

/** The body of a request that takes no input. Clients may leave it out. */
export const NothingSchema = Type.Object({}, { additionalProperties: false })
