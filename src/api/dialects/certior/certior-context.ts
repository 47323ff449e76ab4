import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { Auth } from '../../../auth/create-auth.ts'
import type { ServerDeps } from '../../../engine/server-deps.ts'
import type { Sockets } from '../../edge/sockets.ts'
import type { OpenStreams } from '../../stream/open-streams.ts'

/** What the edge hands this dialect beside the dependencies. */
export interface CertiorOptions {
  /** A WebSocket may bring its key in its first message. */
  readonly auth: Auth
  /** Without a slash at its end. */
  readonly publicUrl: () => string
  readonly version: string
  readonly streams: OpenStreams
  readonly sockets: Sockets
}

/** What the routes work with. */
export interface CertiorContext extends CertiorOptions {
  readonly deps: ServerDeps
}

/** A Fastify instance whose requests have the types of their schemas. */
export type CertiorApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>
