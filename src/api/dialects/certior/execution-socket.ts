import { shownEvents } from '../../../domain/private-facts.ts'
import { type AccessedTask, readTaskFor } from '../../../engine/access/read-task.ts'
import { openSocketJournal } from '../../edge/open-socket-journal.ts'
import type { OpenedSocket, SocketRequest, SocketRoute } from '../../edge/socket-route.ts'
import type { StreamWords } from '../../stream/task-stream.ts'
import { KeyQuerySchema } from './answers.ts'
import type { CertiorContext } from './certior-context.ts'
import { createFrameWriter } from './create-frame-writer.ts'
import { taskIdOf } from './execution-id.ts'
import { refusalStatus } from './refusal-table.ts'
import { errorBody } from './send-refusal.ts'

const pong = JSON.stringify({ type: 'pong' })

/**
 * Every event from the first, one message each, then those to come, until the execution has ended: what is journaled, not a
 * model's words as they come. The text `ping` is answered.
 */
export function executionSocket(context: CertiorContext, url: string): SocketRoute {
  return {
    dialect: 'certior',
    url,
    query: KeyQuerySchema,
    open: (request) => openStream(context, request),
    answer: (text) => (text === 'ping' ? pong : undefined),
    lastWord: (refusal) => ({
      status: refusalStatus[refusal.code],
      code: refusal.code,
      message: errorBody(refusal),
    }),
  }
}

async function openStream(context: CertiorContext, { principal, id }: SocketRequest): Promise<OpenedSocket> {
  const { deps } = context
  const snapshot = await readTaskFor(deps, principal, taskIdOf(id))
  const words = frameWords(deps.store, snapshot)
  return openSocketJournal(context, { principal, snapshot, after: 0, follow: false, words, deltas: false })
}

function frameWords(store: CertiorContext['deps']['store'], { task, access }: AccessedTask): StreamWords {
  const write = createFrameWriter(store, task.id)
  return {
    events: async (events) => (await write(shownEvents(events, access))).map((frame) => JSON.stringify(frame)),
    delta: () => '',
  }
}
