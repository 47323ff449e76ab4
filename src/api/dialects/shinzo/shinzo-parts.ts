import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { ServerRooms } from '../../../engine/server-rooms.ts'

/** What the edge hands this dialect beside the rooms. */
export interface ShinzoSurroundings {
  /** Without a slash at its end. */
  readonly publicUrl: () => string
  readonly version: string
}

/** What the routes work with. */
export interface ShinzoParts extends ShinzoSurroundings {
  readonly rooms: ServerRooms
}

/** A Fastify instance whose requests have the types of their schemas. */
export type ShinzoApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>
