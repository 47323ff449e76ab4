import type { TSchema } from 'typebox'
import type { RefusalCode } from '../domain/refusal.ts'
import type { DescribedAnswer } from './openapi/api-description.ts'

/** A dialect's form of a refusal: its status, and the words for the API's description. */
export interface DescribedRefusal {
  readonly status: number
  readonly words: string
}

/** Describes the refusals that a route may answer with, by status, for an OpenAPI document. */
export function describeRefusals(
  codes: readonly RefusalCode[],
  tell: (code: RefusalCode) => DescribedRefusal,
  schema: TSchema,
  { separator = ', ', mediaType = 'application/json' } = {},
): Record<number, DescribedAnswer> {
  const byStatus = new Map<number, { readonly codes: RefusalCode[]; readonly words: Set<string> }>()
  for (const code of [...new Set(codes)].sort()) {
    const { status, words } = tell(code)
    const same = byStatus.get(status) ?? { codes: [], words: new Set() }
    same.codes.push(code)
    same.words.add(words)
    byStatus.set(status, same)
  }
  const described = [...byStatus].map(([status, same]) => {
    const description = [...same.words].join(separator)
    return [status, { description, content: { [mediaType]: { schema } }, codes: same.codes }] as const
  })
  return Object.fromEntries(described)
}
