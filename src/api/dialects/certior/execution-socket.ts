import { readTaskFor } from '../../../engine/read-task-for.ts'
import type { Live } from '../../../live/live.ts'
import type { OpenedSocket, SocketRequest, SocketRoute } from '../../edge/socket-route.ts'
import { openTaskStream, type StreamWords } from '../../stream/task-stream.ts'
import { KeyQuerySchema } from './answers.ts'
import type { CertiorParts } from './certior-parts.ts'
import { createFrameWriter } from './create-frame-writer.ts'
import { taskIdOf } from './execution-id.ts'
import { refusalStatus } from './refusal-table.ts'
import { errorBody } from './send-refusal.ts'

const pong = JSON.stringify({ type: 'pong' })

/** Certior streams what is journaled, not a model's words as they come. */
const noDeltas: Live = { publish: () => undefined, settle: () => undefined, listen: () => () => undefined }

/**
 * Every event from the first, one message each, then those to come, until the execution has ended. The text `ping` is
 * answered.
 */
export function executionSocket(parts: CertiorParts, url: string): SocketRoute {
  return {
    dialect: 'certior',
    url,
    query: KeyQuerySchema,
    open: (request) => openStream(parts, request),
    answer: (text) => (text === 'ping' ? pong : undefined),
    lastWord: (refusal) => ({
      status: refusalStatus[refusal.code],
      code: refusal.code,
      message: errorBody(refusal),
    }),
  }
}

async function openStream({ rooms, streams }: CertiorParts, request: SocketRequest): Promise<OpenedSocket> {
  const snapshot = await readTaskFor(rooms, request.principal, taskIdOf(request.id))
  const open = streams.open(request.principal)
  try {
    const words = frameWords(rooms.store, snapshot.task.id)
    const wanted = { snapshot, after: 0, follow: false, signal: open.signal, words }
    return { open, stream: await openTaskStream({ ...rooms, live: noDeltas }, wanted) }
  } catch (error) {
    open.close()
    throw error
  }
}

function frameWords(store: CertiorParts['rooms']['store'], taskId: string): StreamWords {
  const write = createFrameWriter(store, taskId)
  return {
    events: async (events) => (await write(events)).map((frame) => JSON.stringify(frame)),
    delta: () => '',
  }
}
