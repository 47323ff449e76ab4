import { hash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyServerOptions } from 'fastify'
import { credentialOf } from '../auth/credential-of.ts'
import { dialectOf, issuedDialect, type RequestDialect } from '../auth/dialect-of.ts'
import type { Principal } from '../domain/principal.ts'
import { Refusal } from '../domain/refusal.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller. It is set before a route that is not `open` reads its body. */
    principal: Principal
  }
  interface FastifyInstance {
    /** The routes of all dialects, one line for each method of a path, without those that only refuse. */
    readonly edgeRoutes: EdgeRoute[]
  }
  interface FastifyContextConfig {
    /** The route is answered without a key. */
    open?: boolean
  }
}

/** One method of one path of a dialect, as its router has it. */
export interface EdgeRoute {
  readonly dialect: RequestDialect
  readonly method: string
  readonly url: string
  /** The route is answered without a key. */
  readonly open: boolean
}

/** One dialect at the edge: its routes, and its words for a refusal. It holds no state. */
export interface DialectEdge {
  readonly dialect: RequestDialect
  refuse(reply: FastifyReply, refusal: Refusal): FastifyReply
  /** Adds the routes. The request's credential tells them from other dialects' routes on the same path. */
  addRoutes(instance: FastifyInstance): void
}

/**
 * Finds the dialect that a request speaks. `credential` is the one that came after the request, in the first message of a
 * WebSocket; else the request's own counts.
 */
export type SpokenDialect = (
  request: IncomingMessage & { originalUrl?: string },
  credential?: string | undefined,
) => RequestDialect

/** Binds `SpokenDialect` to the operator's own key, which is native whatever it looks like. */
export function spokenDialectOf(adminKey: string | undefined): SpokenDialect {
  const isAdminKey = sameAs(adminKey)
  return (request, sentLater) => {
    const path = request.originalUrl ?? request.url ?? '/'
    const credential = sentLater ?? credentialOf(request.headers) ?? queryKeyOf(path)
    const issued = isAdminKey(credential) ? 'native' : issuedDialect(credential)
    return dialectOf(request.method ?? 'GET', path, issued)
  }
}

/** Compares in constant time, so that the time does not tell how much of a guess was right. */
function sameAs(secret: string | undefined): (credential: string | undefined) => boolean {
  if (secret === undefined) return () => false
  const digest = (text: string) => hash('sha256', text, 'buffer')
  const expected = digest(secret)
  return (credential) => credential !== undefined && timingSafeEqual(digest(credential), expected)
}

/** Reads a key from the address: it tells the dialect like any other. The route decides whether it is taken there. */
function queryKeyOf(path: string): string | undefined {
  return /[?&]api_key=([^&#]*)/u.exec(path)?.[1]
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/**
 * Registers the routes of a dialect, each bound to it, with its 405 for the other methods of its paths and its 404 for every
 * other path.
 */
export function speak(edge: DialectEdge, toRefusal: (error: unknown) => Refusal) {
  const { dialect } = edge
  return async (instance: FastifyInstance): Promise<void> => {
    const paths = new Map<string, Set<string>>()
    let offering = true
    instance.addHook('onRoute', (route) => {
      route.constraints = { ...route.constraints, dialect }
      const taken = paths.get(route.url) ?? new Set()
      const open = route.config?.open ?? false
      for (const method of [route.method].flat()) {
        taken.add(method)
        if (offering) instance.edgeRoutes.push({ dialect, method, url: route.url, open })
      }
      paths.set(route.url, taken)
    })
    instance.setErrorHandler((error, _request, reply) => edge.refuse(reply, toRefusal(error)))
    await instance.register((inner, _options, done) => {
      edge.addRoutes(inner)
      done()
    })
    offering = false
    const refused = [...paths].map(([url, taken]) => ({
      url,
      allow: [...taken].join(', '),
      method: methods.filter((method) => !taken.has(method)),
    }))
    await instance.register((rest, _options, done) => {
      // No body is parsed here, since a bad one would turn the answer into 400, 413 or 415.
      rest.removeAllContentTypeParsers()
      rest.addContentTypeParser('*', (_request, payload, parsed) => {
        payload.resume()
        parsed(null)
      })
      const add = (url: string, method: string[], refuse: (reply: FastifyReply) => FastifyReply) => {
        const config = { open: true, ignoresBody: true, refuse }
        const options = { config, schema: { hide: true }, exposeHeadRoute: false }
        rest.route({ ...options, url, method, handler: (_request, reply) => refuse(reply) })
      }
      for (const { url, allow, method } of refused) {
        const refusal = new Refusal('method_not_allowed', `This path takes ${allow}.`)
        add(url, method, (reply) => edge.refuse(reply.header('allow', allow), refusal))
      }
      add('/*', rest.supportedMethods, (reply) => edge.refuse(reply, routeNotFound()))
      done()
    })
  }
}

/** The refusal of a path that no dialect offers. */
export function routeNotFound(): Refusal {
  return new Refusal('route_not_found', 'There is no such path.')
}

type Constraints = NonNullable<NonNullable<FastifyServerOptions['routerOptions']>['constraints']>
type Strategy = Constraints[string]

/** Lets the router hold several routes for one path, distinguished by the dialect that the request speaks. */
export function dialectStrategy(spoken: SpokenDialect): Strategy {
  return {
    name: 'dialect',
    mustMatchWhenDerived: true,
    deriveConstraint: (request) => spoken(request),
    storage() {
      const handlers = new Map<unknown, ReturnType<ReturnType<Strategy['storage']>['get']>>()
      return {
        get: (dialect) => handlers.get(dialect) ?? null,
        set: (dialect, handler) => {
          handlers.set(dialect, handler)
        },
      }
    },
  }
}
