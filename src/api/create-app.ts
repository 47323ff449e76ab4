import { randomBytes } from 'node:crypto'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { createAuth } from '../auth/create-auth.ts'
import { mountOf } from '../auth/dialect-of.ts'
import type { JwtSettings } from '../auth/verify-jwt.ts'
import type { ServerRooms } from '../engine/server-rooms.ts'
import { answerBrokenHttp } from './answer-broken-http.ts'
import { authenticateRequests } from './authenticate-requests.ts'
import { drainRefusedBodies } from './connection/drain-refused-bodies.ts'
import { inflateBodies } from './connection/inflate-bodies.ts'
import { allowOrigins } from './cross-origin.ts'
import { dialectStrategy } from './dialect-strategy.ts'
import { createAgentrixEdge } from './dialects/agentrix/agentrix-edge.ts'
import { createCertiorEdge } from './dialects/certior/certior-edge.ts'
import { createNeoEdge } from './dialects/neo/neo-edge.ts'
import { createSharedTaskPathEdge } from './dialects/shared-task-path.ts'
import { createShinzoEdge } from './dialects/shinzo/shinzo-edge.ts'
import { createXagentEdge } from './dialects/xagent/xagent-edge.ts'
import { takeJsonBodies } from './edge/read-json-body.ts'
import { createMetrics } from './metrics.ts'
import { createIdempotency } from './native/idempotency.ts'
import { nativeEdge } from './native/native-edge.ts'
import { refusalOf } from './refusal-of.ts'
import { type DialectEdge, routeNotFound, speak, spokenDialectOf } from './speak.ts'
import { createOpenStreams } from './stream/open-streams.ts'
import { trackConnections } from './track-connections.ts'
import { compileValidator } from './validate-input.ts'

export interface AppSettings {
  /** Under which the stored verifiers of keys were made. */
  readonly pepper: Uint8Array
  /** A key that is not stored and always is the administrator's (`admin_user` of the settings). */
  readonly adminKey?: string | undefined
  /** Undefined: JSON web tokens are not taken. */
  readonly jwt?: JwtSettings | undefined
  /** Where clients reach this server, without a slash at its end; asked when a body needs it. */
  readonly publicUrl: () => string
  /** The origins whose pages may use this server from a browser, as browsers write them. */
  readonly corsOrigins?: readonly string[] | undefined
  readonly version: string
  /** How many runs ended how in this process, for /metrics. */
  readonly runOutcomes?: () => ReadonlyMap<string, number>
}

/** Longer path parameters are not found; a file's path in a URL may be as long. */
const paramCharsMax = 4_096

/**
 * The HTTP edge: every dialect's routes over one engine. `close` ends streams and waiting requests, which their clients
 * take up again elsewhere or later, and lets all other requests finish.
 */
export async function createApp(rooms: ServerRooms, settings: AppSettings): Promise<FastifyInstance> {
  const { limits, log } = rooms
  const { pepper, adminKey, publicUrl, version } = settings
  const streams = createOpenStreams(limits)
  const auth = createAuth({ store: rooms.store, clock: rooms.clock, pepper, adminKey, jwt: settings.jwt })
  const metrics = createMetrics({ rooms, streams, runOutcomes: settings.runOutcomes })
  const idempotency = createIdempotency(rooms)
  const native = nativeEdge({ rooms, auth, pepper, publicUrl, version, streams, metrics, idempotency })
  const certior = createCertiorEdge(rooms, { auth, publicUrl, version, streams })
  const neo = createNeoEdge(rooms, { publicUrl, version, streams })
  const agentrix = createAgentrixEdge(rooms, { publicUrl, version, streams })
  const xagent = createXagentEdge(rooms, { auth, publicUrl, version, streams })
  const shinzo = createShinzoEdge(rooms, { publicUrl, version })
  const spokenHere = [native, agentrix, certior, neo, shinzo, xagent, createSharedTaskPathEdge()]
  const edges = new Map(spokenHere.map((edge) => [edge.dialect, edge]))
  const spoken = spokenDialectOf(new Set(edges.keys()), adminKey)
  const edgeOf = (request: Parameters<typeof spoken>[0]): DialectEdge => edges.get(spoken(request)) ?? native

  const options: FastifyServerOptions = {
    bodyLimit: limits.body_bytes_max,
    genReqId: createRequestIds(),
    // Requests that come while it stops are refused in their own words, below.
    return503OnClosing: false,
    rewriteUrl: ({ url = '/' }) => mountOf(url)?.rest ?? url,
    routerOptions: {
      maxParamLength: paramCharsMax,
      ignoreTrailingSlash: true,
      constraints: { dialect: dialectStrategy(spoken) },
    },
    frameworkErrors: (error, request, reply) => edgeOf(request.raw).refuse(reply, refusalOf(error, limits)),
    clientErrorHandler: answerBrokenHttp,
  }
  const app = Fastify(options)
  const toRefusal = (error: unknown) => {
    const refusal = refusalOf(error, limits)
    if (refusal.code === 'internal') log.error({ err: error }, 'a request met a defect')
    return refusal
  }
  app.setErrorHandler((error, request, reply) => edgeOf(request.raw).refuse(reply, toRefusal(error)))
  app.setNotFoundHandler((request, reply) => edgeOf(request.raw).refuse(reply, routeNotFound()))
  app.setValidatorCompiler(compileValidator)
  app.setSerializerCompiler(() => JSON.stringify)
  app.removeContentTypeParser('text/plain')
  takeJsonBodies(app, limits)
  app.addHook('onResponse', async (request, reply) => {
    metrics.answered(request.method, request.routeOptions.url ?? '', reply.statusCode)
  })
  drainRefusedBodies(app, rooms)
  inflateBodies(app, limits)
  const connections = trackConnections(app.server)
  app.addHook('preClose', async () => {
    streams.stop()
    connections.release()
  })
  // After the sockets' own hook, which tells what is one.
  // Before the hook that asks for a key: what it says of a request is needed there.
  await app.register(websocket, { options: { maxPayload: 64 * 1024, perMessageDeflate: false } })
  allowOrigins(app, settings)
  authenticateRequests(app, auth, streams.stopping)
  for (const edge of edges.values()) await app.register(speak(edge, toRefusal))
  return app
}

/** Unique in this process and, all but surely, between processes. */
function createRequestIds(): () => string {
  const start = randomBytes(6).toString('base64url')
  let count = 0
  return () => {
    count += 1
    return `${start}-${count.toString(36)}`
  }
}
