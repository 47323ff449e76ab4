import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { ServerRooms } from '../../../engine/server-rooms.ts'
import type { Sockets } from '../../edge/sockets.ts'
import type { OpenStreams } from '../../stream/open-streams.ts'

/** What the edge hands this dialect beside the rooms. */
export interface AgentrixSurroundings {
  /** Without a slash at its end. */
  readonly publicUrl: () => string
  readonly version: string
  readonly streams: OpenStreams
  readonly sockets: Sockets
}

/** What the routes work with. */
export interface AgentrixParts extends AgentrixSurroundings {
  readonly rooms: ServerRooms
}

/** A Fastify instance whose requests have the types of their schemas. */
export type AgentrixApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>
