import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { ServerDeps } from '../../../engine/server-deps.ts'
import type { Sockets } from '../../edge/sockets.ts'
import type { OpenStreams } from '../../stream/open-streams.ts'

/** What the edge hands this dialect beside the dependencies. */
export interface AgentrixOptions {
  /** Without a slash at its end. */
  readonly publicUrl: () => string
  readonly version: string
  readonly streams: OpenStreams
  readonly sockets: Sockets
}

/** What the routes work with. */
export interface AgentrixContext extends AgentrixOptions {
  readonly deps: ServerDeps
}

/** A Fastify instance whose requests have the types of their schemas. */
export type AgentrixApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>
