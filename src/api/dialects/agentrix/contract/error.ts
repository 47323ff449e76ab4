import { type Static, Type } from 'typebox'

/** Every refusal: a word for programs, its kind, and a sentence. */
export const ErrorSchema = Type.Object(
  {
    code: Type.String({ description: 'Such as INVALID_REQUEST.' }),
    error: Type.String({ description: 'Such as validation_error.' }),
    message: Type.String(),
  },
  { additionalProperties: false },
)
export type ErrorBody = Static<typeof ErrorSchema>
