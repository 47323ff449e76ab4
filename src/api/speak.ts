import { hash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { credentialOf } from '../auth/credential-of.ts'
import { dialectOf, issuedDialect, type RequestDialect } from '../auth/dialect-of.ts'
import type { Principal } from '../domain/principal.ts'
import { Refusal } from '../domain/refusal.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is calling; set before a route that is not `open` reads its body. */
    principal: Principal
  }
  interface FastifyInstance {
    /** What the dialects offer, one line for each method of a path; without the refusals of other methods and paths. */
    readonly edgeRoutes: EdgeRoute[]
  }
  interface FastifyContextConfig {
    /** Answered without a key. */
    open?: boolean
  }
}

/** One method of one path of a dialect, as its router has it. */
export interface EdgeRoute {
  readonly dialect: RequestDialect
  readonly method: string
  readonly url: string
  /** Answered without a key. */
  readonly open: boolean
}

/** One dialect at the edge: its routes, and its words for a refusal. It holds no state. */
export interface DialectEdge {
  readonly dialect: RequestDialect
  refuse(reply: FastifyReply, refusal: Refusal): FastifyReply
  /** Adds the routes; they are told apart from other dialects' on the same path by what the request shows. */
  addRoutes(instance: FastifyInstance): void
}

/**
 * The dialect that a request speaks. `credential` is what came after the request, in the first message of a WebSocket; else
 * what the request shows counts.
 */
export type SpokenDialect = (
  request: IncomingMessage & { originalUrl?: string },
  credential?: string | undefined,
) => RequestDialect

export function spokenDialectOf(adminKey: string | undefined): SpokenDialect {
  const isAdminKey = sameAs(adminKey)
  return (request, later) => {
    const path = request.originalUrl ?? request.url ?? '/'
    const credential = later ?? credentialOf(request.headers) ?? queryKeyOf(path)
    // The operator's own key is native whatever it looks like.
    const issued = isAdminKey(credential) ? 'native' : issuedDialect(credential)
    return dialectOf(request.method ?? 'GET', path, issued)
  }
}

/** Compares without telling by its time how much was right. */
function sameAs(secret: string | undefined): (credential: string | undefined) => boolean {
  if (secret === undefined) return () => false
  const digest = (text: string) => hash('sha256', text, 'buffer')
  const expected = digest(secret)
  return (credential) => credential !== undefined && timingSafeEqual(digest(credential), expected)
}

/** A key in the address tells the dialect like any other; whether it is taken there is the route's to say. */
function queryKeyOf(path: string): string | undefined {
  return /[?&]api_key=([^&#]*)/u.exec(path)?.[1]
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** The routes of a dialect, each bound to it, with its 405 for the other methods of its paths and its 404 for all else. */
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
      // No body is read here: a bad one would make it 400, 413 or 415.
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

export function routeNotFound(): Refusal {
  return new Refusal('route_not_found', 'There is no such path.')
}
