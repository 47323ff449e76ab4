import type { FastifyInstance } from 'fastify'
import type { SpokenDialect } from './speak.ts'

/** Takes one line about a request that was answered. */
export type RequestLog = (facts: object) => void

/**
 * Logs each request once it is answered: what was asked, by whom, the outcome and its duration in milliseconds. It leaves out
 * the query, the headers and the body, where keys and contents stand, and logs of the path only the route's pattern and the
 * id, so that a ticket stays out.
 */
export function logRequests(app: FastifyInstance, log: RequestLog, spoken: SpokenDialect): void {
  app.addHook('onResponse', async (request, reply) => {
    const { id, method, routeOptions, raw, principal } = request
    log({
      request: id,
      method,
      route: routeOptions.url ?? '',
      subject: subjectOf(request.params),
      dialect: spoken(raw),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      user: principal?.userId,
    })
  })
}

/** Returns the id that the path names, where it names one. */
function subjectOf(params: unknown): string | undefined {
  if (typeof params !== 'object' || params === null || !('id' in params)) return undefined
  return typeof params.id === 'string' ? params.id : undefined
}
