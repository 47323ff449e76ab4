import Fastify, { type FastifyInstance } from 'fastify'
import type { NativeApp, NativeParts } from './native-parts.ts'

/**
 * The OpenAPI document, made of the routes' own schemas at the first request: it costs the start of the server nothing.
 * `addRoutes` adds the routes it describes.
 */
export function addDocumentRoute(app: NativeApp, parts: NativeParts, addRoutes: (app: NativeApp) => void): void {
  let document: Promise<string> | undefined
  const response = {
    200: { description: 'OpenAPI 3.1.', content: { 'application/json': { schema: { type: 'object' } } } },
  }
  const schema = { summary: 'This document', security: [], response }
  app.get('/openapi.json', { config: { open: true }, schema }, async (_request, reply) => {
    document ??= describeRoutes(parts, addRoutes)
    return reply.type('application/json').send(await document)
  })
}

async function describeRoutes(
  { publicUrl, version }: NativeParts,
  addRoutes: (app: NativeApp) => void,
): Promise<string> {
  const { default: swagger } = await import('@fastify/swagger')
  const described: FastifyInstance = Fastify({ exposeHeadRoutes: false })
  described.setValidatorCompiler(() => () => true)
  described.setSerializerCompiler(() => JSON.stringify)
  await described.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Mandate',
        version,
        description:
          'Hand an agent a task, with limits, and get proof. Refusals are RFC 9457 problems with a stable code.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: `${publicUrl()}/mandate` }, { url: publicUrl() }],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'A key, mdt_…' },
          key: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        },
      },
      security: [{ bearer: [] }, { key: [] }],
    },
  })
  await described.register((instance, _options, done) => {
    addRoutes(instance as NativeApp)
    done()
  })
  await described.ready()
  const text = JSON.stringify(described.swagger())
  await described.close()
  return text
}
