import type { Clock } from '../../clock/clock.ts'
import type { Limits } from '../../domain/limits.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { Log } from '../../engine/engine-deps.ts'

export type ConnectionLimits = Pick<Limits, 'connections_max' | 'connections_per_address_max'>

/** What is refused because too many connections are open: counted, logged once a minute, and told to the client. */
export interface NoPlace {
  /** How often since the start. */
  readonly count: number
  refuse(limit: keyof ConnectionLimits, client: string): Refusal
}

const logEveryMs = 60_000
const retryAfterMs = 5_000

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
