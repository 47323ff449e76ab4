import type { FastifyInstance } from 'fastify'
import { clientOf, type IsTrustedProxy } from './client-address.ts'
import type { ConnectionLimits, NoPlace } from './no-place.ts'

export interface ProxiedRequestDeps {
  readonly limits: ConnectionLimits
  readonly isTrustedProxy: IsTrustedProxy
  readonly noPlace: NoPlace
}

/**
 * Bounds what one client has under way through trusted proxies, as connections are bounded where none stands between. The
 * client is the last address of `X-Forwarded-For` that is no trusted proxy: what stands before it anybody may have written.
 */
export function limitProxiedRequests(app: FastifyInstance, deps: ProxiedRequestDeps): void {
  const { limits, isTrustedProxy, noPlace } = deps
  const underWay = new Map<string, number>()
  app.addHook('onRequest', (request, reply, done) => {
    const { socket } = request.raw
    // What a proxy asks for itself, such as the health of this server, is not counted.
    if (!isTrustedProxy(socket.remoteAddress) || isTrustedProxy(request.ip)) return done()
    const client = clientOf(request.ip)
    const count = underWay.get(client) ?? 0
    if (count >= limits.connections_per_address_max) return done(noPlace.refuse('connections_per_address_max', client))
    underWay.set(client, count + 1)
    // Of a WebSocket it comes when the connection ends.
    reply.raw.once('close', () => {
      const left = (underWay.get(client) ?? 1) - 1
      if (left > 0) underWay.set(client, left)
      else underWay.delete(client)
    })
    return done()
  })
}
