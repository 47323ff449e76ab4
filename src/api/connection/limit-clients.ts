import type { FastifyInstance } from 'fastify'
import type { ServerRooms } from '../../engine/server-rooms.ts'
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
  rooms: Pick<ServerRooms, 'clock' | 'log' | 'limits'>,
  { isTrustedProxy, connectionsMax = rooms.limits.connections_max }: ClientSettings,
): ConnectionCounts {
  const limits = { ...rooms.limits, connections_max: connectionsMax }
  const noPlace = createNoPlace(rooms.clock, rooms.log, limits)
  const connections = limitConnections(app, { clock: rooms.clock, limits, isTrustedProxy, noPlace })
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
