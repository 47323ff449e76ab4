import { type Static, Type } from 'typebox'
import { answers } from '../../../domain/decision.ts'
import { count, instant, nullable, strict } from './fields.ts'
import { digest } from './policy-ref.ts'

const summary = {
  name: Type.String(),
  digest: digest('Of this version: a run keeps the one that it was queued under.'),
  title: Type.String(),
  builtin: Type.Boolean({ description: 'It ships with the server.' }),
  created_at: instant(),
}

/** The list of policies, each in its newest version. */
export const PolicyListSchema = Type.Object({ policies: Type.Array(Type.Object(summary)) })
/** The response of `GET /v1/policies`. */
export type PolicyList = Static<typeof PolicyListSchema>

const document = Type.Record(Type.String(), Type.Unknown(), { description: 'Its part that is data (docs/guard.md).' })

/** A version of a policy: both of its texts and their digest. */
export const PolicySchema = Type.Object({ ...summary, document, cedar: Type.String() })
/** The response of `GET /v1/policies/{name}` and `POST /v1/policies`. */
export type PolicyView = Static<typeof PolicySchema>

/**
 * The two texts of a policy. The document is JSON, or the text of it: the lines of problems have a meaning only in a
 * text.
 */
export const PolicyTextsSchema = Type.Object(
  { document: Type.Union([Type.String({ minLength: 1 }), document]), cedar: Type.String() },
  strict,
)
/** The body of `POST /v1/policies` and `POST /v1/policies/check`, after validation. */
export type PolicyTextsBody = Static<typeof PolicyTextsSchema>

const answer = Type.Enum([...answers])

/** The policy of a what-if: a stored one by its name (`policy`), or one that is not stored (`document` and `cedar`). */
export const WhatIfRequestSchema = Type.Object(
  {
    policy: Type.Optional(Type.String({ minLength: 1, description: 'A name, or the digest of one version.' })),
    document: Type.Optional(PolicyTextsSchema.properties.document),
    cedar: Type.Optional(Type.String()),
    since: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'Only what was decided from then on; left out: the last 7 days.',
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, description: 'Actions to decide again.' })),
    cursor: Type.Optional(Type.String()),
  },
  strict,
)
/** The body of `POST /v1/policies/what-if`, after validation by its form. */
export type WhatIfRequestBody = Static<typeof WhatIfRequestSchema>

/** The recorded decisions that would be different. What would have followed from them is not known. */
export const WhatIfSchema = Type.Object({
  examined: count(),
  unreadable: Type.Integer({
    minimum: 0,
    description: 'That cannot be made again: what they were made from was purged.',
  }),
  changes: Type.Array(
    Type.Object({
      task: Type.String(),
      task_number: Type.Integer({ minimum: 1 }),
      run: Type.String(),
      action: Type.String(),
      tool: Type.String(),
      at: instant(),
      was: answer,
      would: answer,
      rules: Type.Array(Type.String()),
      reason: Type.String(),
    }),
  ),
  has_more: Type.Boolean(),
  next_cursor: nullable(Type.String()),
})
/** The response of `POST /v1/policies/what-if`: one page of examined actions. */
export type WhatIfView = Static<typeof WhatIfSchema>

/** The problems in the texts of a policy. It can be added where the list is empty. */
export const PolicyCheckSchema = Type.Object({
  ok: Type.Boolean(),
  name: nullable(Type.String()),
  digest: nullable(digest()),
  problems: Type.Array(
    Type.Object({
      where: Type.Enum(['document', 'cedar']),
      line: Type.Integer({ minimum: 1 }),
      column: Type.Integer({ minimum: 1 }),
      message: Type.String(),
      hint: nullable(Type.String()),
    }),
  ),
})
/** The response of `POST /v1/policies/check`. Lines and columns begin with 1. */
export type PolicyCheckView = Static<typeof PolicyCheckSchema>
