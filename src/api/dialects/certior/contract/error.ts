import { type Static, Type } from 'typebox'

/** One part of a request that does not match its model. */
const MismatchSchema = Type.Object({
  loc: Type.Array(Type.Union([Type.String(), Type.Integer()]), {
    description: 'Where: `body`, `query` or `path`, then the names on the way to it.',
  }),
  msg: Type.String(),
  type: Type.String(),
})
/** One mismatch of a 422, in the form of FastAPI. */
export type Mismatch = Static<typeof MismatchSchema>

/** A permission that was requested and denied, with the reason. */
export const DeniedSchema = Type.Object({ permission: Type.String(), reason: Type.String(), detail: Type.String() })

const DenialSchema = Type.Object({ message: Type.String(), denied: Type.Array(DeniedSchema) })

/**
 * The body of every refusal. `detail` is a sentence, or the list of mismatches (422), or the list of denied
 * permissions (403).
 */
export const ErrorSchema = Type.Object({
  detail: Type.Union([Type.String(), Type.Array(MismatchSchema), DenialSchema]),
})
/** The body of every refusal in the Certior dialect. */
export type ErrorBody = Static<typeof ErrorSchema>
