import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../../domain/refusal.ts'

const socketVersion = '13'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answers a path or a method that is not there, as the route itself does. */
    refuse?: (reply: FastifyReply) => FastifyReply
  }
}

/**
 * Whether a request is to become a WebSocket. Clients ask for other upgrades without needing one (Java's to HTTP/2, with every
 * request): what they ask is then answered as if they had not.
 */
export function asksForSocket({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket'
}

/** The same that is checked at the upgrade, where a refusal could not be in the words of the path any more. */
function checkHandshake({ headers }: FastifyRequest, reply: FastifyReply): void {
  if (headers['sec-websocket-version'] !== socketVersion) {
    void reply.header('sec-websocket-version', socketVersion)
    throw new Refusal('malformed_request', `Sec-WebSocket-Version must be ${socketVersion}.`)
  }
  if (!/^[+/0-9A-Za-z]{22}==$/u.test(headers['sec-websocket-key'] ?? '')) {
    throw new Refusal('malformed_request', 'Sec-WebSocket-Key must be 16 bytes in base64.')
  }
}

/** Ends the connection of an upgrade that was refused before any hook: nobody else does, and it can carry nothing more. */
export function endRefusedUpgrade({ raw }: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!asksForSocket(raw)) return reply
  reply.raw.once('finish', () => raw.socket.destroySoon())
  return reply.header('connection', 'close')
}

/**
 * Refuses to make a WebSocket of a path that is none, in the words of the path and before the upgrade. To be added after the
 * hook that asks for a key: a stranger is told nothing of a path but that.
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
