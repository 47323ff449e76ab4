import { type Static, Type } from 'typebox'

/** The body of every refusal. `details` is present where single fields are at fault. */
export const ErrorSchema = Type.Object({
  error: Type.Object({
    code: Type.String({ description: 'A stable word.' }),
    message: Type.String({ description: 'Written for people; may change.' }),
    details: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), message: Type.String({ description: 'What is allowed.' }) })),
    ),
  }),
})
/** The body of every refusal in the Xagent dialect. */
export type ErrorBody = Static<typeof ErrorSchema>
