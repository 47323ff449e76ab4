import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Auth, invalidKey } from '../auth/create-auth.ts'
import { credentialOf } from '../auth/credential-of.ts'
import { opensDialect } from '../auth/dialect-of.ts'
import type { Principal } from '../domain/principal.ts'
import type { SpokenDialect } from './speak.ts'
import { shuttingDown } from './stream/open-streams.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Marks a WebSocket, whose key may come in its first message. */
    socket?: boolean
    /** Allows a key in the address, as `api_key`. */
    queryKey?: boolean
    /** Reads the ticket in the address, which stands for a key where none was sent. It is good for this task only. */
    ticket?: (params: unknown) => { readonly ticket: string; readonly taskId: string | undefined }
  }
}

/**
 * Finds the principal of a credential on the path of a dialect. Refuses `unauthenticated`, in the same words, for a
 * credential that is wrong and for one of another dialect.
 */
export type AuthenticateCaller = (request: FastifyRequest, credential: string | undefined) => Promise<Principal>

/** Binds authentication to the dialect that each request speaks. */
export function createAuthenticateCaller(auth: Auth, spoken: SpokenDialect): AuthenticateCaller {
  return async (request, credential) => {
    const principal = await auth.authenticate(credential)
    const { raw, originalUrl } = request
    if (!opensDialect(principal, spoken(raw, credential), originalUrl)) throw invalidKey()
    return principal
  }
}

/**
 * Authenticates each request before its body is read, so that a stranger learns nothing about their body. A key that was sent
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
    // A refused upgrade carries no further request.
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
 * Reads a key from the address. Browsers can set no header on a WebSocket. On any other request such a key ends up in the
 * logs of proxies, so it is taken only where a dialect defines it.
 */
function queryCredential({ ws, routeOptions, query }: FastifyRequest): string | undefined {
  if (!ws && !routeOptions.config?.queryKey) return undefined
  const { api_key } = query as { api_key?: unknown }
  return typeof api_key === 'string' ? api_key : undefined
}
