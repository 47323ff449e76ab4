import type { ServerRooms } from '../../../engine/server-rooms.ts'
import type { OpenStreams } from '../../stream/open-streams.ts'

/** What the edge hands a dialect beside the rooms. */
export interface NeoSurroundings {
  /** Without a slash at its end. */
  readonly publicUrl: () => string
  readonly version: string
  readonly streams: OpenStreams
}

/** What the routes work with. */
export interface NeoParts extends NeoSurroundings {
  readonly rooms: ServerRooms
}
