import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../domain/refusal.ts'

/** The origins from which browsers may use this server. */
export interface CrossOriginSettings {
  /** The origins whose pages may use this server from a browser, as browsers write them. */
  readonly corsOrigins?: readonly string[] | undefined
  readonly publicUrl: () => string
}

/** The headers of an answer that pages of other origins may read, besides those that every browser lets through. */
export const exposedHeaders = [
  'accept-encoding',
  'allow',
  'content-disposition',
  'idempotent-replayed',
  'location',
  'mandate-ignored-fields',
  'preference-applied',
  'retry-after',
  'www-authenticate',
  'x-request-id',
  'x-vercel-ai-ui-message-stream',
]

/** The headers that such pages may send. */
export const allowedHeaders = [
  'accept',
  'authorization',
  'content-encoding',
  'content-type',
  'idempotency-key',
  'last-event-id',
  'prefer',
  'x-api-key',
  'x-shinzo-api-key',
]

const allowedMethods = 'GET, HEAD, POST, PUT, PATCH, DELETE'
/** The seconds that a browser may cache a preflight. */
const preflightSeconds = '600'

/**
 * Lets pages of the listed origins use this server: exact origins, and never with a browser's own credentials, since only
 * keys count here. Without a list no header is sent. The same origins, and this server's own, are those from which a browser
 * may open a WebSocket, since browsers send no preflight for one. Other clients send no `Origin`.
 */
export function allowOrigins(app: FastifyInstance, { corsOrigins = [], publicUrl }: CrossOriginSettings): void {
  const allowed = new Set(corsOrigins)
  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers
    if (request.ws && origin !== undefined && !allowed.has(origin) && !isOwnOrigin(origin, request, publicUrl())) {
      const message = `Pages of ${origin} may not open a WebSocket here. The operator lists them in MANDATE_CORS_ORIGINS.`
      return done(new Refusal('origin_not_allowed', message))
    }
    if (allowed.size === 0) return done()
    // `Vary` is sent for a foreign origin too: a cache must not give one origin the answer for another.
    void reply.header('vary', 'Origin')
    if (origin === undefined || !allowed.has(origin)) return done()
    void reply.header('access-control-allow-origin', origin)
    if (isPreflight(request)) return answerPreflight(reply)
    void reply.header('access-control-expose-headers', exposedHeaders.join(', '))
    return done()
  })
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
}

function answerPreflight(reply: FastifyReply): void {
  void reply
    .header('vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers')
    .header('access-control-allow-methods', allowedMethods)
    .header('access-control-allow-headers', allowedHeaders.join(', '))
    .header('access-control-max-age', preflightSeconds)
    .code(204)
    .send()
}

/** Tells whether this server, or a proxy in front of it, served the page. */
function isOwnOrigin(origin: string, { headers }: FastifyRequest, publicUrl: string): boolean {
  return origin === URL.parse(publicUrl)?.origin || URL.parse(origin)?.host === headers.host
}
