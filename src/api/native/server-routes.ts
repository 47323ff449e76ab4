import { storageSentence } from '../refusal-of.ts'
import { answers, json } from './answers.ts'
import { HealthSchema } from './contract/health.ts'
import { ModelListSchema } from './contract/model.ts'
import type { NativeApp, NativeParts } from './native-parts.ts'

/** What the server is and has: its models, its health, its measures. */
export function addServerRoutes(app: NativeApp, parts: NativeParts): void {
  const { rooms, streams, metrics, version } = parts
  const models = answers({ 200: json('The catalogue.', ModelListSchema) }, [])
  app.get('/v1/models', { schema: { summary: 'List what may be given as model', response: models } }, () => ({
    models: rooms.models
      .list()
      .map(({ unavailableReason, ...same }) => ({ ...same, unavailable_reason: unavailableReason })),
  }))
  const health = {
    200: json('The server takes new work.', HealthSchema),
    503: json('The server lives, and takes no new work at the moment.', HealthSchema),
  }
  app.get(
    '/v1/health',
    { config: { open: true }, schema: { summary: 'Is the server well?', security: [], response: health } },
    (_request, reply) => {
      const { writable, problem } = rooms.store.health()
      const degraded = problem === undefined ? [] : [storageSentence]
      if (streams.stopping.aborted) degraded.push('The server is stopping.')
      const ready = writable && !streams.stopping.aborted
      void reply.header('cache-control', 'no-store')
      return reply.code(ready ? 200 : 503).send({ live: true, ready, degraded, version })
    },
  )
  const measured = {
    200: { description: 'Prometheus text.', content: { 'text/plain': { schema: { type: 'string' } } } },
  }
  app.get(
    '/metrics',
    { config: { open: true }, schema: { summary: 'Measures for Prometheus', security: [], response: measured } },
    async (_request, reply) => {
      const { text, mediaType } = await metrics.render()
      return reply.type(mediaType).send(text)
    },
  )
}
