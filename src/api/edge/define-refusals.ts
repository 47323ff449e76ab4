import type { FastifyReply } from 'fastify'
import type { TSchema } from 'typebox'
import type { Refusal, RefusalCode } from '../../domain/refusal.ts'
import type { RunState } from '../../domain/run-state.ts'
import type { DescribedAnswer } from '../openapi/api-description.ts'
import type { ResponseHeaderName } from '../openapi/headers.ts'

/** What a refusal becomes for the clients of a dialect. A dialect adds its own words to it, such as a code. */
export interface RefusalLine {
  readonly status: number
  /** Said whatever the reason is, so that nothing tells one such refusal from another. Otherwise the refusal's own message is said. */
  readonly message?: string | undefined
}

/** The request that was refused, for envelopes that name it. */
export interface RefusedRequest {
  readonly requestId: string
  /** Now, in milliseconds since 1970. */
  readonly at: number
}

/** How a dialect tells refusals. */
export interface RefusalForm<Line extends RefusalLine> {
  /** By the code of the core, so that a new code does not compile until every dialect says what it becomes. */
  readonly lines: Readonly<Record<RefusalCode, Line>>
  /** The envelope, for the dialect's OpenAPI document. */
  readonly schema: TSchema
  readonly mediaType?: string | undefined
  /**
   * The dialect's word for the state of a run. A sentence of the core that names such a state is said with this word. Left out: the
   * core's sentences are said as they are.
   */
  readonly statusOf?: ((state: RunState) => string) | undefined
  /** The envelope of a refusal. `message` is what the client is told. */
  body(refusal: Refusal, said: Line & { readonly message: string }, about: RefusedRequest): object
  /** A refusal in the OpenAPI document. Those of one status are joined by `separator`, or commas. */
  describe(code: RefusalCode, line: Line): string
  readonly separator?: string | undefined
}

/** Answers by their status, as routes have them in their schemas. */
export type Answers = Readonly<Record<number, unknown>>

/** The refusals of one dialect: sent, and described for its OpenAPI document. */
export interface Refusals<Line extends RefusalLine = RefusalLine> {
  readonly lines: Readonly<Record<RefusalCode, Line>>
  /** The body of a refusal. The same refusal is the same body, but for what the dialect says of the request. */
  bodyOf(refusal: Refusal, about?: RefusedRequest): object
  /** Answers with a refusal, and with the headers that belong to it. */
  send(reply: FastifyReply, refusal: Refusal, now: number): FastifyReply
  /** The answers of a route that takes a key: `well`, and the refusals that it names beside those of every such route. */
  answers(well: Answers, refusals: readonly RefusalCode[]): Answers
  /** `answers` of a route that takes no key. */
  openAnswers(well: Answers, refusals?: readonly RefusalCode[]): Answers
  /** `answers` of a route that reads a body. */
  answersToBody(well: Answers, refusals: readonly RefusalCode[]): Answers
}

/** Also said where nobody needs a key: too many connections are open. */
const toAll: readonly RefusalCode[] = ['internal', 'limit_exceeded']
const toCallers: readonly RefusalCode[] = [
  'unauthenticated',
  'shutting_down',
  'storage_unavailable',
  'malformed_request',
]
const toBodies: readonly RefusalCode[] = [
  'invalid_input',
  'unsupported_media_type',
  'payload_too_large',
  'request_timeout',
  'overloaded',
]

/** The refusals of a dialect by its table and its envelope. */
export function defineRefusals<Line extends RefusalLine>(form: RefusalForm<Line>): Refusals<Line> {
  const { lines, mediaType = 'application/json', statusOf } = form
  const bodyOf = (refusal: Refusal, about: RefusedRequest = { requestId: '', at: 0 }): object => {
    const line = lines[refusal.code]
    const message = line.message ?? (statusOf === undefined ? refusal.message : sayRefusal(refusal, statusOf))
    return form.body(refusal, { ...line, message }, about)
  }
  const openAnswers = (well: Answers, refusals: readonly RefusalCode[] = []): Answers => ({
    ...describeRefusals([...toAll, ...refusals], form),
    ...well,
  })
  const answers = (well: Answers, refusals: readonly RefusalCode[]) => openAnswers(well, [...toCallers, ...refusals])
  return {
    lines,
    bodyOf,
    send(reply, refusal, now) {
      const { id: requestId } = reply.request
      // What is refused before any route is looked for has no such header yet.
      void reply.header('x-request-id', requestId)
      const type = mediaType === 'application/json' ? 'application/json; charset=utf-8' : mediaType
      return sendRefused(reply, refusal, lines[refusal.code].status, bodyOf(refusal, { requestId, at: now }), type)
    },
    answers,
    openAnswers,
    answersToBody: (well, refusals) => answers(well, [...toBodies, ...refusals]),
  }
}

/**
 * Answers with a refusal whose body is made, and with the headers that belong to it: `WWW-Authenticate` for 401, and `Retry-After`
 * in whole seconds where asking again may help.
 */
export function sendRefused(
  reply: FastifyReply,
  { retryAfterMs }: Refusal,
  status: number,
  body: object,
  mediaType = 'application/json; charset=utf-8',
): FastifyReply {
  if (status === 401) void reply.header('www-authenticate', 'Bearer')
  if (retryAfterMs !== undefined) {
    void reply.header('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1_000))))
  }
  // A string with its own type passes the reply's serializer untouched.
  return reply.code(status).type(mediaType).send(JSON.stringify(body))
}

/** An answer with a JSON body, for the schema of a route. */
export function json(description: string, schema: TSchema, headers: readonly ResponseHeaderName[] = []) {
  return { description, headers, content: { 'application/json': { schema } } }
}

/** An answer that is a stream of server-sent events, as OpenAPI describes its content. */
export const eventStream = { 'text/event-stream': { schema: { type: 'string' } } }

/**
 * What a refusal says to a client of a dialect. A sentence of the core that names the state of a run is said with the dialect's own
 * word for it. Every other sentence is handed on as it is.
 */
function sayRefusal({ code, message, state }: Refusal, statusOf: (state: RunState) => string): string {
  if (state === undefined) return message
  const status = `its status is ${JSON.stringify(statusOf(state))}`
  if (code === 'run_settled') return `The task has ended: ${status}.`
  if (code === 'task_busy') return `The task is under way: ${status}. Try again when it has ended.`
  return `The task cannot do this now: ${status}.`
}

/** The refusals that a route may answer with, by status, for an OpenAPI document. */
function describeRefusals<Line extends RefusalLine>(
  codes: readonly RefusalCode[],
  { lines, describe, schema, separator = ', ', mediaType = 'application/json' }: RefusalForm<Line>,
): Record<number, DescribedAnswer> {
  const byStatus = new Map<number, { readonly codes: RefusalCode[]; readonly words: Set<string> }>()
  for (const code of [...new Set(codes)].sort()) {
    const { status } = lines[code]
    const same = byStatus.get(status) ?? { codes: [], words: new Set() }
    same.codes.push(code)
    same.words.add(describe(code, lines[code]))
    byStatus.set(status, same)
  }
  const described = [...byStatus].map(([status, same]) => {
    const description = [...same.words].join(separator)
    return [status, { description, content: { [mediaType]: { schema } }, codes: same.codes }] as const
  })
  return Object.fromEntries(described)
}
