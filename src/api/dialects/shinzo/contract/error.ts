import { type Static, Type } from 'typebox'

const WrongSchema = Type.Object({ field: Type.String(), reason: Type.String() })

/** The body of every refusal. */
export const ErrorSchema = Type.Object({
  success: Type.Literal(false),
  error: Type.Object({
    code: Type.String({ description: 'What to tell refusals apart by.' }),
    message: Type.String({ description: 'For people.' }),
    details: Type.Object({
      field: Type.Optional(Type.String({ description: 'The first bad field.' })),
      reason: Type.Optional(Type.String({ description: 'What is wrong with it.' })),
      fields: Type.Optional(Type.Array(WrongSchema, { description: 'Every bad field.' })),
      limit: Type.Optional(Type.String({ description: 'The limit of the server that was reached.' })),
    }),
  }),
  meta: Type.Object({
    request_id: Type.String({ description: 'As in the header X-Request-Id.' }),
    timestamp: Type.String({ format: 'date-time' }),
  }),
})
/** The body of every refusal in the Shinzo dialect. */
export type ErrorBody = Static<typeof ErrorSchema>
