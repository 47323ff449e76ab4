import { type TSchema, Type } from 'typebox'
import type { RefusalCode } from '../../../domain/refusal.ts'
import { ErrorSchema } from './contract/error.ts'
import { refusalLine } from './refusal-table.ts'

const always: readonly RefusalCode[] = ['internal', 'shutting_down', 'storage_unavailable', 'malformed_request']

/** Everything that a route may answer, for the OpenAPI document: its answers when all is well and the refusals it may meet. */
export function answers(well: Readonly<Record<number, unknown>>, refusals: readonly RefusalCode[]) {
  const byStatus = new Map<number, Set<string>>()
  for (const name of [...always, ...refusals]) {
    const { status, code, error } = refusalLine(name)
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(`\`${code}\`: ${error}.`))
  }
  const refused = [...byStatus].map(([status, lines]) => [
    status,
    { description: [...lines].join(' '), content: { 'application/json': { schema: ErrorSchema } } },
  ])
  return { ...Object.fromEntries(refused), ...well }
}

export function json(description: string, schema: TSchema) {
  return { description, content: { 'application/json': { schema } } }
}

export const eventStream = { 'text/event-stream': { schema: { type: 'string' } } }

export const TaskParams = Type.Object({ id: Type.String() })
