import type { FastifyInstance } from 'fastify'

/**
 * A JSON body of no bytes counts as none: clients name the content type also where they have nothing to say, as in a cancel.
 * What a route needs is still found missing by its schema.
 */
export function takeEmptyBodies(instance: FastifyInstance): void {
  const parse = instance.getDefaultJsonParser('error', 'error')
  instance.removeContentTypeParser('application/json')
  instance.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else void parse(request, body, done)
  })
}
