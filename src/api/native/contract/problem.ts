import { type Static, Type } from 'typebox'
import { answerOutcomes, promptStates } from '../../../domain/prompt.ts'
import { refusalCodes } from '../../../domain/refusal.ts'
import { instant, nullable } from './fields.ts'
import { DeniedCapabilitySchema } from './policy-ref.ts'

/** RFC 9457 problem details. `code` is stable; each has a heading in docs/errors.md. */
export const ProblemSchema = Type.Object({
  type: Type.String({ description: 'Names the code: urn:mandate:error:<code>.' }),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.Enum([...refusalCodes]),
  detail: Type.String(),
  errors: Type.Optional(Type.Array(Type.Object({ field: Type.String(), message: Type.String() }))),
  denied: Type.Optional(
    Type.Array(DeniedCapabilitySchema, { description: 'Each capability that was asked for in vain, and why.' }),
  ),
  prompt: Type.Optional(
    Type.Object(
      {
        id: Type.String(),
        state: Type.Enum([...promptStates]),
        outcome: nullable(Type.Enum([...answerOutcomes])),
        settled_at: instant(),
      },
      { description: 'How the prompt was settled that somebody wanted to answer.' },
    ),
  ),
  limit: Type.Optional(Type.String({ description: 'The limit that was reached, as docs/operating.md names it.' })),
})
/** The body of every refusal of the native API. */
export type Problem = Static<typeof ProblemSchema>

/** The media type of every error, from RFC 9457. */
export const problemMediaType = 'application/problem+json'
