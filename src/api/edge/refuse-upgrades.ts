import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../../domain/refusal.ts'

const socketVersion = '13'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answers an unknown path or method in the same way as the route itself does. */
    refuse?: (reply: FastifyReply) => FastifyReply
  }
}

/**
 * Tells whether a request is to become a WebSocket. Clients ask for other upgrades without needing one (Java's for
 * HTTP/2, in every request): those requests are answered as if they had not.
 */
export function asksForSocket({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket'
}

/**
 * Checks the handshake before the upgrade. At the upgrade the same check could no longer refuse in the envelope of
 * the path.
 */
function checkHandshake({ headers }: FastifyRequest, reply: FastifyReply): void {
  if (headers['sec-websocket-version'] !== socketVersion) {
    void reply.header('sec-websocket-version', socketVersion)
    throw new Refusal('malformed_request', `Sec-WebSocket-Version must be ${socketVersion}.`)
  }
  if (!/^[+/0-9A-Za-z]{22}==$/u.test(headers['sec-websocket-key'] ?? '')) {
    throw new Refusal('malformed_request', 'Sec-WebSocket-Key must be 16 bytes in base64.')
  }
}

/**
 * Ends the connection of an upgrade that was refused before any hook. Nothing else ends it, and it can carry nothing
 * more.
 */
export function endRefusedUpgrade({ raw }: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!asksForSocket(raw)) return reply
  reply.raw.once('finish', () => raw.socket.destroySoon())
  return reply.header('connection', 'close')
}

/**
 * Refuses upgrades on paths that have no WebSocket, in the envelope of the path and before the upgrade. It must be
 * added after the hook that authenticates, so that a stranger learns nothing else of a path.
 */
export function refuseUpgrades(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!request.ws) return
    const { config } = request.routeOptions
    if (config.socket) return checkHandshake(request, reply)
    if (config.refuse !== undefined) return config.refuse(reply)
    throw new Refusal('malformed_request', 'This path is no WebSocket.')
  })
}
