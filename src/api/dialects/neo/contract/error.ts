import { type Static, Type } from 'typebox'

/** The body of every refusal. */
export const ErrorSchema = Type.Object({
  error: Type.String({ description: 'What is wrong, in a few words.' }),
  code: Type.String({ description: 'Stable; for programs.' }),
  error_id: Type.String({ description: "The refusal's name in the server's own catalogue (docs/errors.md)." }),
  kind: Type.String({ description: 'The family of the status.' }),
  message: Type.String({ description: 'What is wrong and what is allowed, for people.' }),
  details: Type.Optional(Type.Array(Type.Object({ field: Type.String(), message: Type.String() }))),
  limit: Type.Optional(Type.String({ description: 'The limit that was reached, as docs/operating.md names it.' })),
  settled: Type.Optional(
    Type.Object(
      {
        id: Type.String(),
        state: Type.Enum(['open', 'answered', 'expired', 'withdrawn']),
        outcome: Type.Union([Type.String(), Type.Null()]),
        settled_at: Type.String({ format: 'date-time' }),
      },
      { description: 'How what was asked was settled before. Only with prompt_settled.' },
    ),
  ),
})
/** The body of every refusal in the Neo dialect. */
export type ErrorBody = Static<typeof ErrorSchema>
