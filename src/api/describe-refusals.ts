import type { TSchema } from 'typebox'
import type { RefusalCode } from '../domain/refusal.ts'

/** How a dialect tells a refusal: its status, and the words for the API's description. */
export interface RefusalWords {
  readonly status: number
  readonly words: string
}

/** The refusals that a route may answer with, by status, for an OpenAPI document. */
export function describeRefusals(
  codes: readonly RefusalCode[],
  tell: (code: RefusalCode) => RefusalWords,
  schema: TSchema,
  { separator = ', ', mediaType = 'application/json' } = {},
): Record<number, { description: string; content: Record<string, { schema: TSchema }> }> {
  const byStatus = new Map<number, Set<string>>()
  for (const code of codes) {
    const { status, words } = tell(code)
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(words))
  }
  const described = [...byStatus].map(([status, words]) => {
    const description = [...words].join(separator)
    return [status, { description, content: { [mediaType]: { schema } } }] as const
  })
  return Object.fromEntries(described)
}
