import type { FastifyInstance } from 'fastify'
import type { ApiDescription, DescribedRoute, RouteDescription } from './api-description.ts'
import { buildDocument } from './build-document.ts'

/** Makes a dialect's answers of a route that needs no key. */
type Answers = (well: Readonly<Record<number, unknown>>) => Readonly<Record<number, unknown>>

const described: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

const ownPath = '/openapi.json'

/**
 * Adds `GET /openapi.json` of a dialect: the document of all routes that are added to `app` from here on, and of itself where
 * the API names it. The document is made at the first request, so that it costs the start of the server nothing. It needs no
 * key.
 */
export function addDocumentRoute(app: FastifyInstance, describe: () => ApiDescription, answers: Answers): void {
  const routes: DescribedRoute[] = []
  let text: string | undefined
  app.addHook('onRoute', ({ method, url, schema = {} }) => {
    if (schema.hide) return
    const methods = [method].flat().filter((name) => described.includes(name))
    for (const name of methods) routes.push({ method: name, url, schema: schema as RouteDescription })
  })
  const document = { description: 'OpenAPI 3.1.', content: { 'application/json': { schema: { type: 'object' } } } }
  const schema = { summary: 'Read this document', security: [], response: answers({ 200: document }) }
  app.get(ownPath, { config: { open: true }, schema }, (_request, reply) => {
    text ??= writeDocument(describe(), routes)
    return reply.type('application/json').send(text)
  })
}

function writeDocument(api: ApiDescription, routes: readonly DescribedRoute[]): string {
  const namesItself = api.tags.some(({ operations }) => Object.hasOwn(operations, `GET ${ownPath}`))
  return JSON.stringify(buildDocument(api, namesItself ? routes : routes.filter(({ url }) => url !== ownPath)))
}
