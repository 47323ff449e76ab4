import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Auth } from '../auth/create-auth.ts'
import { credentialOf } from '../auth/credential-of.ts'
import { shuttingDown } from './stream/open-streams.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A WebSocket may bring its key in its first message. */
    socket?: boolean
    /** The key may also stand in the address, as `api_key`. */
    queryKey?: boolean
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
    const credential = credentialOf(request.headers) ?? queryCredential(request)
    if (credential === undefined && request.ws && config?.socket) return
    request.principal = await auth.authenticate(credential)
  })
}

/**
 * Browsers can set no header on a WebSocket. On any other request a key in the address ends up in the logs of proxies: it
 * is taken only where a dialect has it so.
 */
function queryCredential({ ws, routeOptions, query }: FastifyRequest): string | undefined {
  if (!ws && !routeOptions.config?.queryKey) return undefined
  const { api_key } = query as { api_key?: unknown }
  return typeof api_key === 'string' ? api_key : undefined
}
