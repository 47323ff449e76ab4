import type { TSchema } from 'typebox'
import type { RefusalCode } from '../../domain/refusal.ts'
import type { RequestHeaderName, ResponseHeaderName } from './headers.ts'

declare module 'fastify' {
  interface FastifySchema {
    /** Leaves the route out of the document. */
    hide?: boolean
    /** One line that says what the route does. */
    summary?: string
    /** The description, which says more than the summary; the summary stands for it where it is left out. */
    description?: string
    /** The schemes that open the route: none where it is empty, any one of the API where it is left out. */
    security?: readonly { readonly [scheme: string]: readonly string[] }[]
    /** The headers that the route reads, besides those of keys and `Idempotency-Key`. */
    requestHeaders?: readonly RequestHeaderName[]
  }
}

/**
 * A part of an API, with the names of its operations. Generated clients name their functions by these, so they are as stable
 * as the paths.
 */
export interface ApiTag {
  readonly name: string
  readonly description: string
  /** The names of operations by method and path: `'GET /v1/tasks/{id}': 'readTask'`. */
  readonly operations: Readonly<Record<string, string>>
}

/** The parts of a dialect's OpenAPI document that its routes do not say. */
export interface ApiDescription {
  readonly title: string
  readonly description: string
  readonly version: string
  readonly servers: readonly { readonly url: string }[]
  readonly securitySchemes: Readonly<Record<string, object>>
  readonly tags: readonly ApiTag[]
  /** The headers that every answer of an operation may carry. */
  readonly headers?: readonly ResponseHeaderName[] | undefined
  /** The exports of the contract. Each `…Schema` is a component under the rest of its name. */
  readonly contract: Readonly<Record<string, unknown>>
}

/** A route as its schema describes it. `response` holds answers in the form of OpenAPI, with TypeBox schemas in them. */
export interface DescribedRoute {
  readonly method: string
  /** The path with Fastify's parameters: `/v1/tasks/:id/files/*`. */
  readonly url: string
  readonly schema: RouteDescription
}

/** The schema of a route, as Fastify holds it. */
export interface RouteDescription {
  readonly summary?: string
  readonly description?: string
  readonly security?: readonly object[]
  readonly requestHeaders?: readonly RequestHeaderName[]
  readonly params?: unknown
  readonly querystring?: unknown
  readonly body?: unknown
  readonly response?: unknown
}

/** One answer of a route. */
export interface DescribedAnswer {
  readonly description: string
  readonly headers?: readonly ResponseHeaderName[] | undefined
  readonly content?: Readonly<Record<string, { readonly schema: TSchema }>> | undefined
  /** The refusal codes that this answer stands for, where it is a refusal. */
  readonly codes?: readonly RefusalCode[] | undefined
}

/** Lists the answers of a route by their status. */
export function answersIn(response: unknown): readonly (readonly [status: string, answer: DescribedAnswer])[] {
  return Object.entries((response ?? {}) as Readonly<Record<string, DescribedAnswer>>)
}

/** Whoever may refuse a key that was used for another request reads that key. */
export function honoursIdempotencyKeys({ response }: Pick<RouteDescription, 'response'>): boolean {
  return answersIn(response).some(([, { codes }]) => codes?.includes('idempotency_mismatch'))
}
