import type { Principal } from '../../domain/principal.ts'
import type { ServerDeps } from '../../engine/server-deps.ts'
import type { Live } from '../../live/live.ts'
import type { OpenStreams } from '../stream/open-streams.ts'
import { openTaskStream, type TaskStreamRequest } from '../stream/task-stream.ts'
import type { OpenedSocket } from './socket-route.ts'

interface SocketJournal extends Omit<TaskStreamRequest, 'signal'> {
  readonly principal: Principal
  /** Tells whether deltas of a model's response are shown beside the committed events. */
  readonly deltas: boolean
}

const noDeltas: Live = { publish: () => undefined, settle: () => undefined, listen: () => () => undefined }

/** Takes a place for a socket and opens its journal. The place is released where the journal cannot be opened. */
export async function openSocketJournal(
  { deps, streams }: { readonly deps: ServerDeps; readonly streams: OpenStreams },
  { principal, deltas, ...streamRequest }: SocketJournal,
): Promise<OpenedSocket> {
  const open = streams.open(principal)
  try {
    const from = deltas ? deps : { ...deps, live: noDeltas }
    return { open, stream: await openTaskStream(from, { ...streamRequest, signal: open.signal }) }
  } catch (error) {
    open.close()
    throw error
  }
}
