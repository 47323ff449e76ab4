import type { TSchema } from 'typebox'
import { toolsForAgents } from '../../engine/settings/agent-settings.ts'
import { json } from '../edge/define-refusals.ts'
import { storageSentence } from '../refusal-of.ts'
import { answers, openAnswers } from './answers.ts'
import { HealthSchema, LivenessSchema, ReadinessSchema } from './contract/health.ts'
import { ModelListSchema } from './contract/model.ts'
import { ToolListSchema } from './contract/tool.ts'
import type { NativeApp, NativeContext } from './native-context.ts'

/** The log names the files. A caller without a key learns nothing about the disk. */
const filesGoneSentence =
  'The database was removed or replaced while the server runs: the files must be put back, or a backup restored.'
const waitingSentence = 'Runs wait for files or the database, which cannot be used at the moment.'

/** Adds the routes that describe the server: its models, its health, its metrics. */
export function addServerRoutes(app: NativeApp, context: NativeContext): void {
  const { deps, metrics, version } = context
  addFrontPage(app, version)
  addHealthRoutes(app, context)
  const models = answers({ 200: json('The catalogue.', ModelListSchema) }, [])
  app.get('/v1/models', { schema: { summary: 'List what may be given as model', response: models } }, () => ({
    models: deps.models
      .list()
      .map(({ unavailableReason, ...same }) => ({ ...same, unavailable_reason: unavailableReason })),
  }))
  const tools = answers({ 200: json('The tools.', ToolListSchema) }, [])
  app.get('/v1/tools', { schema: { summary: 'List the tools and what they need', response: tools } }, () => ({
    tools: toolsForAgents(deps.tools).map(({ name, description, capabilities }) => ({
      name,
      description,
      capabilities: [...capabilities],
    })),
  }))
  const measured = {
    200: { description: 'Prometheus text.', content: { 'text/plain': { schema: { type: 'string' } } } },
  }
  app.get(
    '/metrics',
    {
      config: { open: true },
      schema: { summary: 'Measures for Prometheus', security: [], response: openAnswers(measured) },
    },
    async (_request, reply) => {
      const { text, mediaType } = await metrics.render()
      return reply.type(mediaType).send(text)
    },
  )
}

/**
 * Adds a page for people who open the address in a browser or with curl. It says what this is, and where to continue.
 */
function addFrontPage(app: NativeApp, version: string): void {
  const page = [
    `Mandate ${version}: an agent task server.`,
    'Hand an agent a task, with limits, and get proof.',
    '',
    '  /mandate/v1/tasks   the API; a key is needed',
    '  /openapi.json       describes it; /xagent, /certior, /neo, /agentrix and /shinzo have their own',
    '  /livez, /readyz     whether the server lives, and takes new work',
    '  /metrics            measures for Prometheus',
    '  /.well-known/mandate-keys.json   the public keys that proofs are signed with',
    '',
  ].join('\n')
  app.get('/', { config: { open: true }, schema: { hide: true } }, (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send(page),
  )
}

/**
 * Adds the health checks. A process whose `livez` does not answer must be restarted. While `readyz` is 503 it must
 * get no more requests: a server without its disk, or one that is stopping, must not be restarted for it. `health`
 * tells people both.
 */
function addHealthRoutes(app: NativeApp, { deps, streams, version }: NativeContext): void {
  const readReadiness = () => {
    const { writable, problem, filesGone } = deps.store.health()
    const degraded = problem === undefined ? [] : [filesGone ? filesGoneSentence : storageSentence]
    if (deps.faults.current().length > 0) degraded.push(waitingSentence)
    if (streams.stopping.aborted) degraded.push('The server is stopping.')
    return { ready: writable && !streams.stopping.aborted, degraded }
  }
  const open = { config: { open: true } }
  const schemaOf = (summary: string, response: Readonly<Record<number, unknown>>) => ({
    summary,
    security: [],
    response: openAnswers(response),
  })

  const live = { 200: json('It does.', LivenessSchema) }
  app.get('/livez', { ...open, schema: schemaOf('Does the process answer?', live) }, (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ live: true }),
  )
  const readyOrNot = (schema: TSchema) => ({
    200: json('The server takes new work.', schema),
    503: json('The server lives, and takes no new work at the moment.', schema),
  })
  const ready = schemaOf('Does the server take new work?', readyOrNot(ReadinessSchema))
  app.get('/readyz', { ...open, schema: ready }, (_request, reply) => {
    const readiness = readReadiness()
    return reply
      .header('cache-control', 'no-store')
      .code(readiness.ready ? 200 : 503)
      .send(readiness)
  })
  const health = schemaOf('Is the server well?', readyOrNot(HealthSchema))
  app.get('/v1/health', { ...open, schema: health }, (_request, reply) => {
    const readiness = readReadiness()
    const view = { live: true, ...readiness, version }
    return reply
      .header('cache-control', 'no-store')
      .code(readiness.ready ? 200 : 503)
      .send(view)
  })
}
