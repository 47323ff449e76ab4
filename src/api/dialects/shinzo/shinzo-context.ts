import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { ServerDeps } from '../../../engine/server-deps.ts'

/** What the edge hands this dialect beside the dependencies. */
export interface ShinzoOptions {
  /** Without a slash at its end. */
  readonly publicUrl: () => string
  readonly version: string
}

/** What the routes work with. */
export interface ShinzoContext extends ShinzoOptions {
  readonly deps: ServerDeps
}

/** A Fastify instance whose requests have the types of their schemas. */
export type ShinzoApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>
