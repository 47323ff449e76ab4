import { randomBytes } from 'node:crypto'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyHttpOptions, type FastifyInstance, type RawServerDefault } from 'fastify'
import { createAuth } from '../auth/create-auth.ts'
import { mountOf, type RequestDialect } from '../auth/dialect-of.ts'
import type { JwtSettings } from '../auth/verify-jwt.ts'
import type { ServerDeps } from '../engine/server-deps.ts'
import { createBrokenHttpHandler } from './answer-broken-http.ts'
import { authenticateRequests, createAuthenticateCaller } from './authenticate-requests.ts'
import { trustProxiesIn } from './connection/client-address.ts'
import { connectionTimeouts } from './connection/connection-timeouts.ts'
import { drainRefusedBodies } from './connection/drain-refused-bodies.ts'
import { inflateBodies } from './connection/inflate-bodies.ts'
import { limitClients } from './connection/limit-clients.ts'
import { allowOrigins } from './cross-origin.ts'
import { agentrix } from './dialects/agentrix/edge.ts'
import { certior } from './dialects/certior/edge.ts'
import { neo } from './dialects/neo/edge.ts'
import { createSharedTaskPathEdge } from './dialects/shared-task-path.ts'
import { shinzo } from './dialects/shinzo/edge.ts'
import { xagent } from './dialects/xagent/edge.ts'
import { honourIdempotencyKeys } from './edge/answer-once.ts'
import { takeJsonBodies } from './edge/read-json-body.ts'
import { asksForSocket, endRefusedUpgrade, refuseUpgrades } from './edge/refuse-upgrades.ts'
import { createSockets } from './edge/sockets.ts'
import { logRequests, type RequestLog } from './log-requests.ts'
import { createMetrics } from './metrics.ts'
import type { NativeContext } from './native/native-context.ts'
import { native } from './native/native-edge.ts'
import { refusalOf } from './refusal-of.ts'
import {
  type DialectEdge,
  dialectStrategy,
  routeNotFound,
  type SpokenDialect,
  speak,
  spokenDialectOf,
} from './speak.ts'
import { createOpenStreams } from './stream/open-streams.ts'
import { trackConnections } from './track-connections.ts'
import { compileValidator } from './validate-input.ts'

/** The configuration of the HTTP edge. */
export interface AppSettings {
  /** The pepper under which the stored verifiers of keys were made. */
  readonly pepper: Uint8Array
  /** A key that is not stored and always is the administrator's (`admin_user` of the settings). */
  readonly adminKey?: string | undefined
  /** The issuer of JSON web tokens. They are not taken where it is undefined. */
  readonly jwt?: JwtSettings | undefined
  /**
   * Returns the address at which clients reach this server, without a slash at its end. It is asked for each body that needs
   * it.
   */
  readonly publicUrl: () => string
  /** The origins whose pages may use this server from a browser, as browsers write them. */
  readonly corsOrigins?: readonly string[] | undefined
  /** Addresses and ranges whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[] | undefined
  /** The limit of connections where the process may open fewer files than `connections_max` needs. */
  readonly connectionsMax?: number | undefined
  readonly version: string
  /** Counts the runs that ended in this process, by outcome, for /metrics. */
  readonly runOutcomes?: () => ReadonlyMap<string, number>
  /** Gets a line about each request that was answered. There is no request log where it is undefined. */
  readonly requestLog?: RequestLog | undefined
}

/** The longest path parameter; longer ones are not found. A file's path in a URL may be as long. */
const paramCharsMax = 4_096

/** `edge/sockets.ts` answers pings: neither to clients that have not authenticated, nor to those that read no answers. */
const socketOptions = { maxPayload: 64 * 1024, perMessageDeflate: false, autoPong: false }

/**
 * Creates the HTTP edge: every dialect's routes over one engine. `close` ends streams and waiting requests, which their
 * clients resume elsewhere or later, and lets all other requests finish.
 */
export async function createApp(deps: ServerDeps, settings: AppSettings): Promise<FastifyInstance> {
  const { limits, log, store, clock } = deps
  const { pepper, adminKey, jwt } = settings
  const auth = createAuth({ store, clock, pepper, adminKey, jwt, ticketMs: limits.ticket_seconds * 1_000 })
  const streams = createOpenStreams(limits, auth.watch)
  const metrics = createMetrics({ deps, streams, connections: () => counts, runOutcomes: settings.runOutcomes })
  const spoken = spokenDialectOf(adminKey)
  const authenticate = createAuthenticateCaller(auth, spoken)
  const toRefusal = (error: unknown) => {
    const refusal = refusalOf(error, limits)
    if (refusal.code === 'internal') log.error({ err: error }, 'a request met a defect')
    if (refusal.code === 'storage_unavailable') log.error({ err: error }, 'the storage refused what a request needed')
    return refusal
  }
  const sockets = createSockets({ authenticate, spoken, toRefusal, clock, limits })
  const edges = createEdges(deps, settings, { auth, streams, sockets, metrics })
  const edgeOf = (request: Parameters<SpokenDialect>[0]): DialectEdge => edges[spoken(request)]

  const isTrustedProxy = trustProxiesIn(settings.trustedProxies ?? [])
  const timeouts = connectionTimeouts(limits)
  const options: FastifyHttpOptions<RawServerDefault> = {
    bodyLimit: limits.body_bytes_max,
    genReqId: createRequestIds(),
    // Requests that arrive while the server stops are refused in their dialect's words, below.
    return503OnClosing: false,
    rewriteUrl: ({ url = '/' }) => mountOf(url)?.rest ?? url,
    routerOptions: {
      maxParamLength: paramCharsMax,
      ignoreTrailingSlash: true,
      constraints: { dialect: dialectStrategy(spoken) },
    },
    frameworkErrors: (error, request, reply) =>
      edgeOf(request.raw).refuse(endRefusedUpgrade(request, reply), refusalOf(error, limits)),
    clientErrorHandler: (error, socket) => answerBrokenHttp(error, socket),
    trustProxy: (address) => isTrustedProxy(address),
    ...timeouts,
    http: { ...timeouts.http, shouldUpgradeCallback: asksForSocket },
  }
  const app = Fastify(options)
  app.decorate('edgeRoutes', [])
  app.setErrorHandler((error, request, reply) => edgeOf(request.raw).refuse(reply, toRefusal(error)))
  app.setNotFoundHandler((request, reply) => edgeOf(request.raw).refuse(reply, routeNotFound()))
  app.setValidatorCompiler(compileValidator)
  app.setSerializerCompiler(() => JSON.stringify)
  app.removeContentTypeParser('text/plain')
  takeJsonBodies(app, limits)
  app.addHook('onResponse', async (request, reply) => {
    metrics.answered(request.method, request.routeOptions.url ?? '', reply.statusCode)
  })
  if (settings.requestLog !== undefined) logRequests(app, settings.requestLog, spoken)
  drainRefusedBodies(app, deps)
  inflateBodies(app, limits)
  const connections = trackConnections(app.server)
  const answerBrokenHttp = createBrokenHttpHandler({ clock, limits, answerOn: connections.answerOn })
  app.addHook('preClose', async () => {
    streams.stop()
    sockets.release()
    connections.release()
  })
  // The hooks below come after the sockets' own, which marks upgrades, and before the one that asks for a key, which needs
  // what they set.
  await app.register(websocket, { options: socketOptions })
  allowOrigins(app, settings)
  const counts = limitClients(app, deps, { isTrustedProxy, connectionsMax: settings.connectionsMax })
  authenticateRequests(app, auth, authenticate, streams.stopping)
  honourIdempotencyKeys(app, deps, spoken)
  refuseUpgrades(app)
  for (const edge of Object.values(edges)) await app.register(speak(edge, toRefusal))
  return app
}

type Shared = Pick<NativeContext, 'auth' | 'streams' | 'sockets' | 'metrics'>

function createEdges(
  deps: ServerDeps,
  { pepper, publicUrl, version }: AppSettings,
  { auth, streams, sockets, metrics }: Shared,
): Readonly<Record<RequestDialect, DialectEdge>> {
  const context = { deps, auth, publicUrl, version, streams, sockets }
  return {
    native: native({ ...context, pepper, metrics }),
    agentrix: agentrix(context),
    certior: certior(context),
    neo: neo(context),
    shinzo: shinzo(context),
    xagent: xagent(context),
    certior_or_neo: createSharedTaskPathEdge(),
  }
}

/** Makes ids that are unique in this process and, all but surely, between processes. */
function createRequestIds(): () => string {
  const start = randomBytes(6).toString('base64url')
  let count = 0
  return () => {
    count += 1
    return `${start}-${count.toString(36)}`
  }
}
