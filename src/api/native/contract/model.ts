import { type Static, Type } from 'typebox'
import { nullable } from './fields.ts'

/** An entry of the catalogue. Its name can be requested as `model`. */
const ModelSchema = Type.Object({
  name: Type.String(),
  provider: Type.String(),
  model: Type.String({ description: "The provider's own name." }),
  available: Type.Boolean({ description: 'Whether a run with it would be accepted now.' }),
  unavailable_reason: nullable(Type.String()),
  default: Type.Boolean(),
})
/** One model of `GET /v1/models`. One that is not available says why. */
export type ModelView = Static<typeof ModelSchema>

/** The models that the server can call, with their prices. */
export const ModelListSchema = Type.Object({ models: Type.Array(ModelSchema) })
/** The response of `GET /v1/models`. */
export type ModelList = Static<typeof ModelListSchema>
