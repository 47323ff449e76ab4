import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Auth, invalidKey } from '../auth/create-auth.ts'
import { credentialOf } from '../auth/credential-of.ts'
import { opensDialect } from '../auth/dialect-of.ts'
import type { Principal } from '../domain/principal.ts'
import type { SpokenDialect } from './speak.ts'
import { shuttingDown } from './stream/open-streams.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A WebSocket: the key may come in its first message. */
    socket?: boolean
    /** The key may also stand in the address, as `api_key`. */
    queryKey?: boolean
    /** Without a key, the ticket that the address holds says who is calling; it is good for this task. */
    ticket?: (params: unknown) => { readonly ticket: string; readonly taskId: string | undefined }
  }
}

/**
 * Who comes with a credential to the path of a dialect. Refuses `unauthenticated`, in the same words, a credential that is
 * wrong and one that is right and belongs to another dialect.
 */
export type AuthenticateCaller = (request: FastifyRequest, credential: string | undefined) => Promise<Principal>

export function createAuthenticateCaller(auth: Auth, spoken: SpokenDialect): AuthenticateCaller {
  return async (request, credential) => {
    const principal = await auth.authenticate(credential)
    const { raw, originalUrl } = request
    if (!opensDialect(principal, spoken(raw, credential), originalUrl)) throw invalidKey()
    return principal
  }
}

/**
 * Says who is calling before the body is read, so that a stranger is told nothing about their body. A key that was sent
 * decides alone: a ticket in the address does not help a wrong one.
 */
export function authenticateRequests(
  app: FastifyInstance,
  auth: Auth,
  authenticate: AuthenticateCaller,
  stopping: AbortSignal,
): void {
  app.decorateRequest('principal', null as never)
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id)
    // An upgrade that is refused carries no further request.
    if (request.ws) void reply.header('connection', 'close')
    const { config } = request.routeOptions
    if (config?.open || request.is404) return
    if (stopping.aborted) throw shuttingDown()
    const credential = credentialOf(request.headers) ?? queryCredential(request)
    if (credential === undefined && config?.ticket !== undefined) {
      const { ticket, taskId } = config.ticket(request.params)
      request.principal = await auth.tickets.redeem(ticket, taskId)
      return
    }
    if (credential === undefined && request.ws && config?.socket) return
    request.principal = await authenticate(request, credential)
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
