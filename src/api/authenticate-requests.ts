import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Auth } from '../auth/create-auth.ts'
import { credentialOf } from '../auth/credential-of.ts'
import { shuttingDown } from './stream/open-streams.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A WebSocket may bring its key in its first message. */
    socket?: boolean
  }
}

/** Says who is calling before the body is read, so that a stranger is told nothing about their body. */
export function authenticateRequests(app: FastifyInstance, auth: Auth, stopping: AbortSignal): void {
  app.decorateRequest('principal', null as never)
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id)
    const { config } = request.routeOptions
    if (config?.open || request.is404) return
    if (stopping.aborted) throw shuttingDown()
    const credential = credentialOf(request.headers) ?? socketCredential(request)
    if (credential === undefined && request.ws && config?.socket) return
    request.principal = await auth.authenticate(credential)
  })
}

/** Browsers can set no header on a WebSocket; on any other request a key in the address would end up in logs. */
function socketCredential(request: FastifyRequest): string | undefined {
  if (!request.ws) return undefined
  const { api_key } = request.query as { api_key?: unknown }
  return typeof api_key === 'string' ? api_key : undefined
}
