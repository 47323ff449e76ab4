import type { FastifyInstance } from 'fastify'
import type { SpokenDialect } from './speak.ts'

/** Takes one line about a request that was answered. */
export type RequestLog = (facts: object) => void

/**
 * Tells the log of each request once it is answered: what was asked, by whom, what came of it and how long it took. Neither
 * the query nor the headers nor a body, where keys and contents stand; of the path only what the routes name, so that a
 * ticket in it stays out.
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

/** The id that the path names, where it names one. */
function subjectOf(params: unknown): string | undefined {
  if (typeof params !== 'object' || params === null || !('id' in params)) return undefined
  return typeof params.id === 'string' ? params.id : undefined
}
