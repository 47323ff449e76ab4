import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { ServerDeps } from '../../../engine/server-deps.ts'
import type { OpenStreams } from '../../stream/open-streams.ts'
import type { StreamQuota } from './events/stream-quota.ts'

/** What the edge hands this dialect beside the dependencies. */
export interface XagentOptions {
  /** Without a slash at its end. */
  readonly publicUrl: () => string
  readonly version: string
  readonly streams: OpenStreams
}

/** What the routes work with. */
export interface XagentContext extends XagentOptions {
  readonly deps: ServerDeps
  readonly quota: StreamQuota
}

/** A Fastify instance whose requests have the types of their schemas. */
export type XagentApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>
