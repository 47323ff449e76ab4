import { type Static, Type } from 'typebox'

/** Tells that the process answers, whatever else is wrong. */
export const LivenessSchema = Type.Object({ live: Type.Boolean() })

/** Tells whether the server accepts new work. `degraded` lists the faults in words for the operator. */
export const ReadinessSchema = Type.Object({ ready: Type.Boolean(), degraded: Type.Array(Type.String()) })

/**
 * Tells whether the process answers (`live`) and accepts new work (`ready`). `degraded` lists the faults in words for
 * the operator.
 */
export const HealthSchema = Type.Object({
  live: Type.Boolean(),
  ready: Type.Boolean(),
  degraded: Type.Array(Type.String()),
  version: Type.String(),
})
/** The response of `GET /v1/health`, with status 503 where the server is not ready. */
export type Health = Static<typeof HealthSchema>
