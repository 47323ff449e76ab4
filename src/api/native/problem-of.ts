import type { Refusal, SettledPromptFacts } from '../../domain/refusal.ts'
import { instantOf } from '../edge/instants.ts'
import type { Problem } from './contract/problem.ts'
import { problemTable } from './problem-table.ts'

/** Converts a refusal to the problem details of RFC 9457. */
export function problemOf({ code, message, fields, denied, limit, settled }: Refusal): Problem {
  const { status, title } = problemTable[code]
  return {
    type: `urn:mandate:error:${code}`,
    title,
    status,
    code,
    detail: message,
    ...(fields.length > 0 && { errors: fields.map(({ field, message: wrong }) => ({ field, message: wrong })) }),
    ...(denied.length > 0 && { denied: denied.map((one) => ({ ...one })) }),
    ...(limit !== undefined && { limit }),
    ...(settled !== undefined && { prompt: settledView(settled) }),
  }
}

function settledView({ prompt, state, outcome, settledAt }: SettledPromptFacts): NonNullable<Problem['prompt']> {
  return { id: prompt, state, outcome, settled_at: instantOf(settledAt) }
}
