import type { TSchema } from 'typebox'
import type { Dialect, Principal } from '../../domain/principal.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { OpenStream } from '../stream/open-streams.ts'
import type { TaskStream } from '../stream/task-stream.ts'

/** The caller who sends messages on a socket. */
export interface SocketCaller {
  readonly principal: Principal
  /** The last parameter of the path, as it was sent. */
  readonly id: string
}

/** The caller who opened a socket, and the parameters of the request. */
export interface SocketRequest<Query = Readonly<Record<string, unknown>>> {
  readonly principal: Principal
  /** The last parameter of the path, as it was sent. */
  readonly id: string
  /** The query, validated by the schema of the route. */
  readonly query: Query
  /** The fields of the first message beside its key. They are empty where the key came with the request. */
  readonly message: Readonly<Record<string, unknown>>
}

/** The stream of a socket with its place among the open streams, which is released when the socket closes. */
export interface OpenedSocket {
  readonly stream: TaskStream
  readonly open: OpenStream
}

/** The last message of a socket that the server refuses or ends. The socket closes with 4000 and the status. */
export interface LastWord {
  readonly status: number
  readonly code: string
  readonly message: object
}

/** Defines the parts of a WebSocket that differ between dialects. */
export interface SocketRoute {
  readonly dialect: Dialect
  readonly url: string
  readonly query: TSchema
  /** Opens the stream for an authenticated caller. It refuses like any request. */
  open(request: SocketRequest): Promise<OpenedSocket>
  lastWord(refusal: Refusal): LastWord
  /**
   * Answers a message of an authenticated caller, or does not where it is undefined. A refusal is answered with, and the
   * socket stays open.
   */
  answer?: ((text: string, caller: SocketCaller) => string | undefined | Promise<string | undefined>) | undefined
}
