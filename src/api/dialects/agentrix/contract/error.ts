import { type Static, Type } from 'typebox'
import { responseStatuses } from './task-message.ts'

/**
 * The body of every refusal. It has a code for programs, its kind and a sentence, and for an invalid request the
 * fields at fault.
 */
export const ErrorSchema = Type.Object(
  {
    code: Type.String({ description: 'Such as INVALID_REQUEST.' }),
    error: Type.String({ description: 'Such as validation_error.' }),
    message: Type.String(),
    details: Type.Optional(
      Type.Array(
        Type.Object({
          field: Type.Optional(Type.String({ description: 'The bad field, by its path.' })),
          message: Type.String({ description: 'What is wrong, and what is allowed.' }),
        }),
        { description: 'With INVALID_REQUEST.' },
      ),
    ),
    settled: Type.Optional(
      Type.Object(
        {
          promptId: Type.String(),
          status: Type.Enum([...responseStatuses]),
          settledAt: Type.String({ format: 'date-time' }),
        },
        { description: 'With PROMPT_SETTLED: how the question was settled before.' },
      ),
    ),
  },
  { additionalProperties: false },
)
/** The body of every refusal in the Agentrix dialect. */
export type ErrorBody = Static<typeof ErrorSchema>
