import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { Auth } from '../../auth/create-auth.ts'
import type { ServerDeps } from '../../engine/server-deps.ts'
import type { Sockets } from '../edge/sockets.ts'
import type { Metrics } from '../metrics.ts'
import type { OpenStreams } from '../stream/open-streams.ts'

/** The dependencies of the native routes. */
export interface NativeContext {
  readonly deps: ServerDeps
  readonly auth: Auth
  readonly pepper: Uint8Array
  /** The URL at which clients reach this server, without a slash at its end. */
  readonly publicUrl: () => string
  readonly version: string
  readonly streams: OpenStreams
  readonly sockets: Sockets
  readonly metrics: Metrics
}

/** A Fastify instance whose requests have the types of their schemas. */
export type NativeApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>
