import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../clock/clock.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { clientOf, type IsTrustedProxy } from './client-address.ts'
import type { ConnectionLimits, NoPlace } from './no-place.ts'
import { createPlaces, type Places } from './places.ts'

/** The limits on connections, and the place where refusals are counted. */
export interface ConnectionDeps {
  readonly clock: Pick<Clock, 'after'>
  /** The limits, with `connections_max` as the descriptors of the process allow it. */
  readonly limits: ConnectionLimits
  readonly isTrustedProxy: IsTrustedProxy
  readonly noPlace: NoPlace
}

/** A connection that was let in, and the limits that it counts for. */
interface Seat {
  readonly places: readonly Places[]
  readonly client: string
  requests: number
}

/** The refused connections that are kept open until their refusal was sent. Any further one is closed at once. */
const refusedOpenMax = 64
const refusedMs = 5_000

/**
 * Bounds the connections of one address and in all, so that descriptors stay for running tasks. Where a limit is reached, the
 * connection that has been idle for longest makes room, so that silent connections keep nobody out. Where every one has a
 * request under way, the first request of a new connection is refused. Connections of trusted proxies count in all only.
 */
export function limitConnections(app: FastifyInstance, deps: ConnectionDeps): { readonly open: number } {
  const { limits, isTrustedProxy } = deps
  const all = createPlaces(limits.connections_max)
  const byClient = new Map<string, Places>()
  const seats = new Map<Socket, Seat>()
  const refused = keepRefused(app, deps)

  const leave = (socket: Socket) => {
    const seat = seats.get(socket)
    if (seat === undefined) return
    seats.delete(socket)
    for (const places of seat.places) places.leave(socket)
    if (byClient.get(seat.client)?.size === 0) byClient.delete(seat.client)
  }
  /** Frees a place where it can. Answers false where every connection has a request under way. */
  const makeRoom = (places: Places): boolean => {
    if (places.hasRoom) return true
    const idle = places.longestIdle
    if (idle === undefined) return false
    leave(idle)
    idle.destroy()
    return true
  }
  const changeRequests = (socket: Socket, by: number) => {
    const seat = seats.get(socket)
    if (seat === undefined) return
    seat.requests += by
    for (const places of seat.places) places.setIdle(socket, seat.requests === 0)
  }

  app.server.maxConnections = limits.connections_max + refusedOpenMax
  app.server.on('connection', (socket: Socket) => {
    const client = clientOf(socket.remoteAddress ?? '')
    const own = byClient.get(client) ?? createPlaces(limits.connections_per_address_max)
    const counted = isTrustedProxy(socket.remoteAddress) ? [all] : [own, all]
    if (counted.includes(own) && !makeRoom(own)) return refused.add(socket, 'connections_per_address_max', client)
    if (!makeRoom(all)) return refused.add(socket, 'connections_max', client)
    seats.set(socket, { places: counted, client, requests: 0 })
    for (const places of counted) places.join(socket)
    if (own.size > 0) byClient.set(client, own)
    socket.once('close', () => leave(socket))
  })
  app.server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    changeRequests(socket, 1)
    response.once('close', () => changeRequests(socket, -1))
  })
  // A WebSocket counts as one request that lasts as long as its connection.
  app.server.on('upgrade', ({ socket }: IncomingMessage) => changeRequests(socket, 1))
  return {
    get open() {
      return all.size
    },
  }
}

/** Keeps refused connections until they are answered: their first request is refused in the words of its dialect. */
function keepRefused(app: FastifyInstance, { clock, noPlace }: ConnectionDeps) {
  const reasons = new WeakMap<Socket, Refusal>()
  let open = 0
  app.addHook('onRequest', (request, reply, done) => {
    const reason = reasons.get(request.raw.socket)
    if (reason !== undefined) void reply.header('connection', 'close')
    done(reason)
  })
  return {
    add(socket: Socket, limit: keyof ConnectionLimits, client: string): void {
      const reason = noPlace.refuse(limit, client)
      if (open >= refusedOpenMax) {
        socket.destroy()
        return
      }
      open += 1
      reasons.set(socket, reason)
      const cancel = clock.after(refusedMs, () => socket.destroy())
      socket.once('close', () => {
        open -= 1
        cancel()
      })
    },
  }
}
