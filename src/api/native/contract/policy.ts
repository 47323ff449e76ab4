import { type Static, Type } from 'typebox'
import { instant, nullable, strict } from './fields.ts'
import { digest } from './policy-ref.ts'

const summary = {
  name: Type.String(),
  digest: digest('Of this version: a run keeps the one that it was queued under.'),
  title: Type.String(),
  builtin: Type.Boolean({ description: 'It ships with the server.' }),
  created_at: instant(),
}

export const PolicyListSchema = Type.Object({ policies: Type.Array(Type.Object(summary)) })
export type PolicyList = Static<typeof PolicyListSchema>

const document = Type.Record(Type.String(), Type.Unknown(), { description: 'Its part that is data (docs/guard.md).' })

export const PolicySchema = Type.Object({ ...summary, document, cedar: Type.String() })
export type PolicyView = Static<typeof PolicySchema>

/** The document as JSON or as the text of JSON: only in a text do the lines of problems have a meaning. */
export const PolicyTextsSchema = Type.Object(
  { document: Type.Union([Type.String({ minLength: 1 }), document]), cedar: Type.String() },
  strict,
)
export type PolicyTextsBody = Static<typeof PolicyTextsSchema>

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
export type PolicyCheckView = Static<typeof PolicyCheckSchema>
