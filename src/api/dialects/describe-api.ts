import Fastify, { type FastifyInstance } from 'fastify'

/** What the OpenAPI document of a dialect says beside its routes. */
export interface ApiDescription {
  readonly title: string
  readonly description: string
  readonly version: string
  readonly servers: readonly { readonly url: string }[]
  readonly securitySchemes: Readonly<Record<string, object>>
}

/** The OpenAPI 3.1 document of these routes, made of their own schemas. Any one of the security schemes is enough. */
async function describeApi(api: ApiDescription, addRoutes: (app: FastifyInstance) => void): Promise<string> {
  const { default: swagger } = await import('@fastify/swagger')
  const described: FastifyInstance = Fastify({ exposeHeadRoutes: false })
  described.setValidatorCompiler(() => () => true)
  described.setSerializerCompiler(() => JSON.stringify)
  const { title, description, version, securitySchemes } = api
  await described.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title, version, description },
      servers: [...api.servers],
      components: { securitySchemes: securitySchemes as never },
      security: Object.keys(securitySchemes).map((name) => ({ [name]: [] })),
    },
  })
  await described.register((instance, _options, done) => {
    addRoutes(instance)
    done()
  })
  await described.ready()
  const text = JSON.stringify(described.swagger())
  await described.close()
  return text
}

/**
 * `GET /openapi.json` of a dialect: the document of its routes, made at the first request, so that it costs the start of
 * the server nothing. Open to all.
 */
export function addDocumentRoute(
  app: FastifyInstance,
  describe: () => ApiDescription,
  addRoutes: (app: FastifyInstance) => void,
): void {
  let document: Promise<string> | undefined
  const response = {
    200: { description: 'OpenAPI 3.1.', content: { 'application/json': { schema: { type: 'object' } } } },
  }
  const schema = { summary: 'This document', security: [], response }
  app.get('/openapi.json', { config: { open: true }, schema }, async (_request, reply) => {
    document ??= describeApi(describe(), addRoutes)
    return reply.type('application/json').send(await document)
  })
}
