import type { FastifyInstance } from 'fastify'
import type { ServerDeps } from '../../engine/server-deps.ts'
import type { IsTrustedProxy } from './client-address.ts'
import { limitConnections } from './limit-connections.ts'
import { limitProxiedRequests } from './limit-proxied-requests.ts'
import { createNoPlace } from './no-place.ts'

export interface ClientSettings {
  readonly isTrustedProxy: IsTrustedProxy
  /** What the descriptors of the process leave for connections; undefined: as many as `connections_max`. */
  readonly connectionsMax: number | undefined
}

export interface ConnectionCounts {
  readonly open: number
  /** Connections, and requests through proxies, that found no place since the start. */
  readonly refused: number
}

/** Bounds what one client, and all together, may have open. */
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
