import type { Principal } from '../../domain/principal.ts'
import type { ServerDeps } from '../../engine/server-deps.ts'
import type { Live } from '../../live/live.ts'
import type { OpenStreams } from '../stream/open-streams.ts'
import { openTaskStream, type TaskStreamRequest } from '../stream/task-stream.ts'
import type { OpenedSocket } from './socket-route.ts'

interface SocketJournal extends Omit<TaskStreamRequest, 'signal'> {
  readonly principal: Principal
  /** Whether a model's words are shown as they come, beside what is committed. */
  readonly deltas: boolean
}

const noDeltas: Live = { publish: () => undefined, settle: () => undefined, listen: () => () => undefined }

/** Takes a place for a socket and opens a journal for it. The place is given back where the journal cannot be opened. */
export async function openSocketJournal(
  { deps, streams }: { readonly deps: ServerDeps; readonly streams: OpenStreams },
  { principal, deltas, ...wanted }: SocketJournal,
): Promise<OpenedSocket> {
  const open = streams.open(principal)
  try {
    const from = deltas ? deps : { ...deps, live: noDeltas }
    return { open, stream: await openTaskStream(from, { ...wanted, signal: open.signal }) }
  } catch (error) {
    open.close()
    throw error
  }
}
