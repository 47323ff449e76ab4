import { Type } from 'typebox'

/** The times of executions and frames, as the product has them: seconds since 1970, with their fraction. */
export function epochSecondsOf(ms: number): number {
  return ms / 1_000
}

export const epochSeconds = () => Type.Number({ minimum: 0, description: 'Seconds since 1970, UTC.' })
