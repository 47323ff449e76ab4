import type { TSchema } from 'typebox'
import type { Dialect, Principal } from '../../domain/principal.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { OpenStream } from '../stream/open-streams.ts'
import type { TaskStream } from '../stream/task-stream.ts'

/** Who opened a socket, and what they asked for. */
export interface SocketRequest<Query = Readonly<Record<string, unknown>>> {
  readonly principal: Principal
  /** The last parameter of the path, as it came. */
  readonly id: string
  /** Checked against the route's schema. */
  readonly query: Query
  /** What the first message says beside its key; empty where the key came with the request. */
  readonly message: Readonly<Record<string, unknown>>
}

/** What is shown on a socket, and its place among the streams, which is given back when the socket closes. */
export interface OpenedSocket {
  readonly stream: TaskStream
  readonly open: OpenStream
}

/** The last message of a socket that is refused or ended from here; it closes with 4000 and the status. */
export interface LastWord {
  readonly status: number
  readonly code: string
  readonly message: object
}

/** One WebSocket of a dialect: what is its own about it. */
export interface SocketRoute {
  readonly dialect: Dialect
  readonly url: string
  readonly query: TSchema
  /** Opens what is shown to an authenticated caller; refuses as any request. */
  open(request: SocketRequest): Promise<OpenedSocket>
  lastWord(refusal: Refusal): LastWord
  /** The answer to a message of an authenticated caller; undefined: none. */
  answer?: ((text: string) => string | undefined) | undefined
}
