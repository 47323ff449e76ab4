import { type Static, Type } from 'typebox'

/** The process answers, whatever else is wrong. */
export const LivenessSchema = Type.Object({ live: Type.Boolean() })

/** `ready`: new work is taken. `degraded`: what is wrong, in words for the operator. */
export const ReadinessSchema = Type.Object({ ready: Type.Boolean(), degraded: Type.Array(Type.String()) })

/** `live`: the process answers. `ready`: new work is taken. `degraded`: what is wrong, in words for the operator. */
export const HealthSchema = Type.Object({
  live: Type.Boolean(),
  ready: Type.Boolean(),
  degraded: Type.Array(Type.String()),
  version: Type.String(),
})
export type Health = Static<typeof HealthSchema>
