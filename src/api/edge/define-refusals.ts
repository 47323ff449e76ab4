import type { FastifyReply } from 'fastify'
import type { TSchema } from 'typebox'
import type { Refusal, RefusalCode } from '../../domain/refusal.ts'
import type { RunState } from '../../domain/run-state.ts'
import type { DescribedAnswer } from '../openapi/api-description.ts'
import type { ResponseHeaderName } from '../openapi/headers.ts'

/** A dialect's answer to one code of refusal. A dialect adds its own fields, such as a code. */
export interface RefusalLine {
  readonly status: number
  /** Replaces the message of the refusal, so that such refusals cannot be distinguished by it. */
  readonly message?: string | undefined
}

/** The refused request, for envelopes that name it. */
export interface RefusedRequest {
  readonly requestId: string
  /** The instant of the answer, in milliseconds since 1970. */
  readonly at: number
}

/** Defines how a dialect answers refusals. */
export interface RefusalForm<Line extends RefusalLine> {
  /** The answers by the code of the core. A new code does not compile until every dialect has an answer for it. */
  readonly lines: Readonly<Record<RefusalCode, Line>>
  /** The schema of the envelope, for the dialect's OpenAPI document. */
  readonly schema: TSchema
  readonly mediaType?: string | undefined
  /**
   * The dialect's name of the state of a run, which replaces the core's in a message that names a state. Without it
   * messages are sent unchanged.
   */
  readonly statusOf?: ((state: RunState) => string) | undefined
  /** Makes the envelope of a refusal. `message` is the sentence that the client gets. */
  body(refusal: Refusal, line: Line & { readonly message: string }, about: RefusedRequest): object
  /**
   * Describes a refusal in the OpenAPI document. Descriptions of one status are joined by `separator`, or by commas.
   */
  describe(code: RefusalCode, line: Line): string
  readonly separator?: string | undefined
}

/** The answers of a route by their status, as its schema has them. */
export type Answers = Readonly<Record<number, unknown>>

/** The refusals of one dialect. They can be sent, and described for its OpenAPI document. */
export interface Refusals<Line extends RefusalLine = RefusalLine> {
  readonly lines: Readonly<Record<RefusalCode, Line>>
  /**
   * Makes the body of a refusal. The same refusal gives the same body, except for what the dialect includes of the
   * request.
   */
  bodyOf(refusal: Refusal, about?: RefusedRequest): object
  /** Answers with a refusal and the headers that belong to it. */
  send(reply: FastifyReply, refusal: Refusal, now: number): FastifyReply
  /**
   * Describes the answers of a route that needs a key: `well`, and the named refusals beside those of every such
   * route.
   */
  answers(well: Answers, refusals: readonly RefusalCode[]): Answers
  /** Describes the answers of a route that needs no key. */
  openAnswers(well: Answers, refusals?: readonly RefusalCode[]): Answers
  /** Describes the answers of a route that reads a body. */
  answersToBody(well: Answers, refusals: readonly RefusalCode[]): Answers
}

/** These are also answered where no key is needed, because too many connections may be open. */
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

/** Makes the refusals of a dialect from its table and its envelope. */
export function defineRefusals<Line extends RefusalLine>(form: RefusalForm<Line>): Refusals<Line> {
  const { lines, mediaType = 'application/json', statusOf } = form
  const bodyOf = (refusal: Refusal, about: RefusedRequest = { requestId: '', at: 0 }): object => {
    const line = lines[refusal.code]
    const message = line.message ?? (statusOf === undefined ? refusal.message : messageFor(refusal, statusOf))
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
      // A request that is refused before its route is looked up has no such header yet.
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
 * Answers with the body of a refusal and the headers that belong to it: `WWW-Authenticate` for 401, and `Retry-After`
 * in whole seconds where a retry may help.
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
  // A string with its own type is not passed through the serializer of the reply.
  return reply.code(status).type(mediaType).send(JSON.stringify(body))
}

/** Describes an answer with a JSON body, for the schema of a route. */
export function json(description: string, schema: TSchema, headers: readonly ResponseHeaderName[] = []) {
  return { description, headers, content: { 'application/json': { schema } } }
}

/** The content of an answer that is a stream of server-sent events, as OpenAPI describes it. */
export const eventStream = { 'text/event-stream': { schema: { type: 'string' } } }

/**
 * Writes the message of a refusal for a client of a dialect. In a message that names the state of a run the state is
 * replaced by the dialect's name for it. Every other message is returned unchanged.
 */
function messageFor({ code, message, state }: Refusal, statusOf: (state: RunState) => string): string {
  if (state === undefined) return message
  const status = `its status is ${JSON.stringify(statusOf(state))}`
  if (code === 'run_settled') return `The task has ended: ${status}.`
  if (code === 'task_busy') return `The task is under way: ${status}. Try again when it has ended.`
  return `The task cannot do this now: ${status}.`
}

/** Describes the refusals of a route by status, for an OpenAPI document. */
export function describeRefusals<Line extends RefusalLine>(
  codes: readonly RefusalCode[],
  { lines, describe, schema, separator = ', ', mediaType = 'application/json' }: Omit<RefusalForm<Line>, 'body'>,
): Record<number, DescribedAnswer> {
  const byStatus = new Map<number, { readonly codes: RefusalCode[]; readonly descriptions: Set<string> }>()
  for (const code of [...new Set(codes)].sort()) {
    const { status } = lines[code]
    const same = byStatus.get(status) ?? { codes: [], descriptions: new Set() }
    same.codes.push(code)
    same.descriptions.add(describe(code, lines[code]))
    byStatus.set(status, same)
  }
  const described = [...byStatus].map(([status, same]) => {
    const description = [...same.descriptions].join(separator)
    return [status, { description, content: { [mediaType]: { schema } }, codes: same.codes }] as const
  })
  return Object.fromEntries(described)
}
