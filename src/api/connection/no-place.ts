import type { Clock } from '../../clock/clock.ts'
import type { Limits } from '../../domain/limits.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { Log } from '../../engine/engine-deps.ts'

/** The limits on connections, in all and per address. */
export type ConnectionLimits = Pick<Limits, 'connections_max' | 'connections_per_address_max'>

/** Refuses connections and requests above the limits: they are counted, and logged once a minute. */
export interface NoPlace {
  /** The number of refusals since the start. */
  readonly count: number
  refuse(limit: keyof ConnectionLimits, client: string): Refusal
}

const logEveryMs = 60_000
const retryAfterMs = 5_000

/** Creates the counter of refusals of one process. */
export function createNoPlace(clock: Pick<Clock, 'now'>, log: Pick<Log, 'warn'>, limits: ConnectionLimits): NoPlace {
  let count = 0
  let loggedAt = Number.NEGATIVE_INFINITY
  return {
    get count() {
      return count
    },
    refuse(limit, client) {
      count += 1
      if (clock.now() - loggedAt >= logEveryMs) {
        loggedAt = clock.now()
        log.warn(
          { limit, max: limits[limit], client, refused: count },
          'too many connections are open; some are refused',
        )
      }
      const whose = limit === 'connections_max' ? 'in all' : 'from one address'
      const message = `${limits[limit]} connections ${whose} have a request under way (${limit}). Try again later.`
      return new Refusal('limit_exceeded', message, { limit, retryAfterMs })
    },
  }
}
