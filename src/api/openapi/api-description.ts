import type { TSchema } from 'typebox'
import type { RefusalCode } from '../../domain/refusal.ts'
import type { RequestHeaderName, ResponseHeaderName } from './headers.ts'

declare module 'fastify' {
  interface FastifySchema {
    /** The route is not in the document. */
    hide?: boolean
    /** One line. */
    summary?: string
    /** What the summary does not say; left out, the summary stands for it. */
    description?: string
    /** Empty: open to all. Left out: any one scheme of the API. */
    security?: readonly { readonly [scheme: string]: readonly string[] }[]
    /** The headers that the route reads, beside those that bring a key and `Idempotency-Key`. */
    requestHeaders?: readonly RequestHeaderName[]
  }
}

/** A part of an API, with the names of its operations: those of the functions in a generated client, as stable as the paths. */
export interface ApiPart {
  readonly name: string
  readonly description: string
  /** By method and path: `'GET /v1/tasks/{id}': 'readTask'`. */
  readonly operations: Readonly<Record<string, string>>
}

/** What the OpenAPI document of a dialect says beside its routes. */
export interface ApiDescription {
  readonly title: string
  readonly description: string
  readonly version: string
  readonly servers: readonly { readonly url: string }[]
  readonly securitySchemes: Readonly<Record<string, object>>
  readonly parts: readonly ApiPart[]
  /** Headers that every answer of an operation may carry. */
  readonly headers?: readonly ResponseHeaderName[] | undefined
  /** The exports of the contract: each `…Schema` is a component under the rest of its name. */
  readonly contract: Readonly<Record<string, unknown>>
}

/** A route as its schema describes it. `response` has answers as OpenAPI writes them, with TypeBox schemas in them. */
export interface DescribedRoute {
  readonly method: string
  /** With Fastify's parameters: `/v1/tasks/:id/files/*`. */
  readonly url: string
  readonly schema: RouteDescription
}

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
  /** The refusals that it may be, where it is one. */
  readonly codes?: readonly RefusalCode[] | undefined
}

export function answersIn(response: unknown): readonly (readonly [status: string, answer: DescribedAnswer])[] {
  return Object.entries((response ?? {}) as Readonly<Record<string, DescribedAnswer>>)
}

/** Whoever may refuse a key that was used for another request reads that key. */
export function honoursIdempotencyKeys({ response }: Pick<RouteDescription, 'response'>): boolean {
  return answersIn(response).some(([, { codes }]) => codes?.includes('idempotency_mismatch'))
}
