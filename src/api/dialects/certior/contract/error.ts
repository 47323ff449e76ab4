import { type Static, Type } from 'typebox'

/** One thing in a request that is not as the model of it says. */
const MismatchSchema = Type.Object({
  loc: Type.Array(Type.Union([Type.String(), Type.Integer()]), {
    description: 'Where: `body`, `query` or `path`, then the names on the way to it.',
  }),
  msg: Type.String(),
  type: Type.String(),
})
export type Mismatch = Static<typeof MismatchSchema>

/** A permission that was asked for and not given, and why. */
export const DeniedSchema = Type.Object({ permission: Type.String(), reason: Type.String(), detail: Type.String() })

const DenialSchema = Type.Object({ message: Type.String(), denied: Type.Array(DeniedSchema) })

/** How every refusal looks: a sentence; what does not match (422); or which permissions were denied (403). */
export const ErrorSchema = Type.Object({
  detail: Type.Union([Type.String(), Type.Array(MismatchSchema), DenialSchema]),
})
export type ErrorBody = Static<typeof ErrorSchema>
