import type { FastifyInstance } from 'fastify'

/** Clients of Shinzo say `Content-Type: application/json` with every request: one without a body is no bad JSON. */
export function takeEmptyBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else void parse(request, body, done)
  })
}
