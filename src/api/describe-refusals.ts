import type { TSchema } from 'typebox'
import type { RefusalCode } from '../domain/refusal.ts'
import type { DescribedAnswer } from './openapi/api-description.ts'

/** A dialect's form of a refusal: its status, and its text in the OpenAPI document. */
export interface DescribedRefusal {
  readonly status: number
  readonly description: string
}

/** Describes the refusals that a route may answer with, by status, for an OpenAPI document. */
export function describeRefusals(
  codes: readonly RefusalCode[],
  describe: (code: RefusalCode) => DescribedRefusal,
  schema: TSchema,
  { separator = ', ', mediaType = 'application/json' } = {},
): Record<number, DescribedAnswer> {
  const byStatus = new Map<number, { readonly codes: RefusalCode[]; readonly descriptions: Set<string> }>()
  for (const code of [...new Set(codes)].sort()) {
    const { status, description } = describe(code)
    const same = byStatus.get(status) ?? { codes: [], descriptions: new Set() }
    same.codes.push(code)
    same.descriptions.add(description)
    byStatus.set(status, same)
  }
  const described = [...byStatus].map(([status, same]) => {
    const joined = [...same.descriptions].join(separator)
    return [status, { description: joined, content: { [mediaType]: { schema } }, codes: same.codes }] as const
  })
  return Object.fromEntries(described)
}
