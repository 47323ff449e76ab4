import type { ServerDeps } from '../../../engine/server-deps.ts'
import type { OpenStreams } from '../../stream/open-streams.ts'

/** What the edge hands a dialect beside the dependencies. */
export interface NeoOptions {
  /** Without a slash at its end. */
  readonly publicUrl: () => string
  readonly version: string
  readonly streams: OpenStreams
}

/** What the routes work with. */
export interface NeoContext extends NeoOptions {
  readonly deps: ServerDeps
}
