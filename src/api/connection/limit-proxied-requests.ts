import type { FastifyInstance } from 'fastify'
import { clientOf, type IsTrustedProxy } from './client-address.ts'
import type { ConnectionLimits, NoPlace } from './no-place.ts'

/** The limit on requests per client, and the place where refusals are counted. */
export interface ProxiedRequestDeps {
  readonly limits: ConnectionLimits
  readonly isTrustedProxy: IsTrustedProxy
  readonly noPlace: NoPlace
}

/**
 * Bounds the requests that one client has under way through trusted proxies, as connections are bounded without a proxy. The
 * client is the last address of `X-Forwarded-For` that is no trusted proxy, since anybody may have written the ones before
 * it.
 */
export function limitProxiedRequests(app: FastifyInstance, deps: ProxiedRequestDeps): void {
  const { limits, isTrustedProxy, noPlace } = deps
  const underWay = new Map<string, number>()
  app.addHook('onRequest', (request, reply, done) => {
    const { socket } = request.raw
    // Requests of the proxy itself, such as health checks, are not counted.
    if (!isTrustedProxy(socket.remoteAddress) || isTrustedProxy(request.ip)) return done()
    const client = clientOf(request.ip)
    const count = underWay.get(client) ?? 0
    if (count >= limits.connections_per_address_max) return done(noPlace.refuse('connections_per_address_max', client))
    underWay.set(client, count + 1)
    // For a WebSocket this event comes when the connection ends.
    reply.raw.once('close', () => {
      const left = (underWay.get(client) ?? 1) - 1
      if (left > 0) underWay.set(client, left)
      else underWay.delete(client)
    })
    return done()
  })
}
