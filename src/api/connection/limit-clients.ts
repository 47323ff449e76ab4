import type { FastifyInstance } from 'fastify'
import type { ServerDeps } from '../../engine/server-deps.ts'
import type { IsTrustedProxy } from './client-address.ts'
import { limitConnections } from './limit-connections.ts'
import { limitProxiedRequests } from './limit-proxied-requests.ts'
import { createNoPlace } from './no-place.ts'

/** The trusted proxies, and the connections that the process has descriptors for. */
export interface ClientSettings {
  readonly isTrustedProxy: IsTrustedProxy
  /** The connections that the descriptors of the process allow; undefined for `connections_max`. */
  readonly connectionsMax: number | undefined
}

/** The counts of connections for health and metrics. */
export interface ConnectionCounts {
  readonly open: number
  /** The connections, and requests through proxies, that were refused since the start. */
  readonly refused: number
}

/** Bounds the connections of one client and of all together, whether they come directly or through trusted proxies. */
export function limitClients(
  app: FastifyInstance,
  deps: Pick<ServerDeps, 'clock' | 'log' | 'limits'>,
  { isTrustedProxy, connectionsMax = deps.limits.connections_max }: ClientSettings,
): ConnectionCounts {
  const limits = { ...deps.limits, connections_max: connectionsMax }
  const noPlace = createNoPlace(deps.clock, deps.log, limits)
  const connections = limitConnections(app, { clock: deps.clock, limits, isTrustedProxy, noPlace })
  limitProxiedRequests(app, { limits, isTrustedProxy, noPlace })
  return {
    get open() {
      return connections.open
    },
    get refused() {
      return noPlace.count
    },
  }
}
