import type { WebSocket } from '@fastify/websocket'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Clock } from '../../clock/clock.ts'
import type { Limits } from '../../domain/limits.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { AuthenticateCaller } from '../authenticate-requests.ts'
import type { SpokenDialect } from '../speak.ts'
import { createSocketSink } from '../stream/socket-sink.ts'
import { endingWith, type StreamSink } from '../stream/stream-sink.ts'
import { firstMessage } from './first-message.ts'
import type { LastWord, OpenedSocket, SocketCaller, SocketRoute } from './socket-route.ts'

/** The dependencies of the WebSockets of all dialects. */
export interface SocketDeps {
  readonly authenticate: AuthenticateCaller
  readonly spoken: SpokenDialect
  readonly toRefusal: (error: unknown) => Refusal
  readonly clock: Clock
  readonly limits: Limits
}

/**
 * The WebSockets of all dialects. A caller is authenticated before anything is done for them. A key (or a ticket)
 * that comes with the request is checked before the upgrade, so that a refusal is an HTTP answer. Otherwise the first
 * message must bring the key, and it decides, as a header would, which dialect is used on a path that two have. Until
 * then no message is answered.
 */
export interface Sockets {
  /** Returns the options that make a GET route a socket too. They are spread into the options of the route. */
  options(app: FastifyInstance, route: SocketRoute): SocketOptions
  /** Ends the sockets when the server stops, so that a client that does not close its end in time cannot delay it. */
  release(): void
}

type RouteOptions = Parameters<FastifyInstance['route']>[0]
type SocketOptions = Required<Pick<RouteOptions, 'attachValidation' | 'wsHandler'>> & {
  readonly preHandler: (request: FastifyRequest) => Promise<void>
}

/** A route with the validation of its query. */
interface CheckedRoute extends SocketRoute {
  readonly checkQuery: (query: unknown) => { readonly value?: unknown; readonly error?: Error }
}

/** The time that a client has to close its end of a socket that the server closes. */
const closingMs = 1_000
/** While more than this waits for a client, its messages are not answered. */
const answersBytesMax = 16 * 1024

/** While so many messages of a client are being answered, further ones are dropped. */
const answersPendingMax = 8

/** Creates the WebSockets of a server. Every dialect adds its routes to them. */
export function createSockets(deps: SocketDeps): Sockets {
  const { authenticate, spoken, toRefusal, clock, limits } = deps
  /** The routes by the form of their path, then by dialect, because one address may belong to several. */
  const routes = new Map<string, Map<string, CheckedRoute>>()
  /** The sockets that were opened before the upgrade. */
  const opened = new WeakMap<FastifyRequest, OpenedSocket>()
  const keyless = createKeylessPlaces(limits)
  const accepted = new Set<WebSocket>()

  const open = async (route: CheckedRoute, request: FastifyRequest, message: Readonly<Record<string, unknown>>) => {
    const { value, error } = route.checkQuery(queryAsSent(request))
    if (error !== undefined) throw error
    const query = value as Readonly<Record<string, unknown>>
    const ready = await route.open({ principal: request.principal, id: idIn(route, request), query, message })
    // The place is also released where the upgrade fails after this and there is no socket.
    if (request.raw.socket.destroyed) ready.open.close()
    request.raw.socket.once('close', ready.open.close)
    return ready
  }
  const accept = async (matched: CheckedRoute, socket: WebSocket, request: FastifyRequest): Promise<void> => {
    let route = matched
    try {
      let ready = opened.get(request)
      if (ready === undefined) {
        const { credential, fields } = await firstMessage(socket, clock, limits.first_message_timeout_seconds * 1_000)
        route = routes.get(formOf(matched.url))?.get(spoken(request.raw, credential)) ?? matched
        request.principal = await authenticate(request, credential)
        keyless.giveBack(request)
        ready = await open(route, request, fields)
      }
      const { stream, open: place } = ready
      const caller = { principal: request.principal, id: idIn(route, request) }
      answerMessages(route, socket, caller, { toRefusal, signal: place.signal })
      const sink = createSocketSink(socket)
      const end: StreamSink['end'] = (how) =>
        place.revoked === undefined ? sink.end(how) : refuse(socket, route.lastWord(place.revoked))
      await stream.run(endingWith(sink, end))
      place.close()
    } catch (error) {
      refuse(socket, route.lastWord(toRefusal(error)))
    }
  }
  /** Sends the reason as a last message, and keeps nothing for a client that does not read it. */
  const refuse = (socket: WebSocket, { status, code, message }: LastWord): void => {
    if (socket.readyState !== socket.OPEN) return
    if (socket.bufferedAmount > answersBytesMax) {
      socket.terminate()
      return
    }
    socket.send(JSON.stringify(message))
    socket.close(4000 + status, code)
    endSoon(socket)
  }
  const endSoon = (socket: WebSocket): void => {
    const cancel = clock.after(closingMs, () => socket.terminate())
    socket.once('close', cancel)
  }

  return {
    options(app, route) {
      const schema = { schema: route.query, method: 'GET', url: route.url, httpPart: 'querystring' }
      const check = app.validatorCompiler?.(schema) as CheckedRoute['checkQuery']
      const checked = { ...route, checkQuery: check }
      const form = formOf(route.url)
      const sameForm = routes.get(form) ?? new Map<string, CheckedRoute>()
      // Routes are added a second time only to be described. The first ones serve.
      if (!sameForm.has(route.dialect)) routes.set(form, sameForm.set(route.dialect, checked))
      return {
        // The query is validated when the dialect of the request is known.
        attachValidation: true,
        preHandler: async (request) => {
          const { ws, principal, validationError } = request
          if (ws && principal === null) return keyless.take(request)
          if (validationError !== undefined) throw validationError
          if (ws) opened.set(request, await open(checked, request, {}))
        },
        wsHandler: (socket, request) => {
          accepted.add(socket)
          socket.once('close', () => accepted.delete(socket))
          return accept(checked, socket, request)
        },
      }
    },
    release() {
      for (const socket of accepted) endSoon(socket)
    },
  }
}

/** Counts the sockets that were opened without a key and have not sent one yet. */
function createKeylessPlaces({ sockets_without_key_max: most }: Limits) {
  const taken = new Set<unknown>()
  return {
    /** Takes a place. Refuses `limit_exceeded`. */
    take({ raw: { socket } }: FastifyRequest): void {
      if (taken.size >= most) {
        const message = `${most} sockets wait for their key (sockets_without_key_max). Send it in a header, or try again.`
        throw new Refusal('limit_exceeded', message, { limit: 'sockets_without_key_max', retryAfterMs: 1_000 })
      }
      taken.add(socket)
      socket.once('close', () => taken.delete(socket))
    },
    giveBack({ raw: { socket } }: FastifyRequest): void {
      taken.delete(socket)
    },
  }
}

interface Answering {
  readonly toRefusal: SocketDeps['toRefusal']
  /** Aborted when the caller is served no longer. */
  readonly signal: AbortSignal
}

/** Answers the messages of an authenticated client, as long as it reads the answers and waits for them. */
function answerMessages(
  { answer, lastWord }: SocketRoute,
  socket: WebSocket,
  caller: SocketCaller,
  { toRefusal, signal }: Answering,
): void {
  const hasRoom = () => socket.readyState === socket.OPEN && socket.bufferedAmount <= answersBytesMax
  socket.on('ping', (data) => {
    if (hasRoom()) socket.pong(data)
  })
  if (answer === undefined) return
  const send = (text: string | undefined) => {
    if (text !== undefined && hasRoom()) socket.send(text)
  }
  let pending = 0
  socket.on('message', (data) => {
    if (!hasRoom() || signal.aborted || pending >= answersPendingMax) return
    const text = answer(String(data), caller)
    if (!(text instanceof Promise)) return send(text)
    pending += 1
    void text
      .catch((error: unknown) => JSON.stringify(lastWord(toRefusal(error)).message))
      .then(send)
      .finally(() => {
        pending -= 1
      })
  })
}

const parameters = /:\w+/gu

/**
 * Makes one form of paths that match the same addresses, such as `/v1/tasks/:id/events` and
 * `/v1/tasks/:taskId/events`.
 */
function formOf(url: string): string {
  return url.replaceAll(parameters, ':')
}

/**
 * Reads the query as it was sent. The route that the request matched may be another dialect's, which left out fields
 * that it does not know.
 */
function queryAsSent({ originalUrl }: FastifyRequest): Record<string, unknown> {
  const start = originalUrl.indexOf('?')
  const query = new URLSearchParams(start < 0 ? '' : originalUrl.slice(start))
  const entries = [...new Set(query.keys())].map((name) => [name, query.getAll(name)] as const)
  return Object.fromEntries(entries.map(([name, values]) => [name, values.length === 1 ? values[0] : values]))
}

function idIn({ url }: SocketRoute, { params, routeOptions }: FastifyRequest): string {
  // The route that the request matched may be another dialect's, which has another name for the same parameter.
  const name = (routeOptions.url ?? url).match(parameters)?.at(-1)?.slice(1) ?? ''
  return String((params as Record<string, unknown>)[name])
}
