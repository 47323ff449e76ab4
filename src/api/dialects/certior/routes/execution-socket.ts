import { shownEvents } from '../../../../domain/private-facts.ts'
import { type AccessedTask, readTaskFor } from '../../../../engine/access/read-task.ts'
import type { EdgeContext } from '../../../edge/define-dialect.ts'
import { promptUrl } from '../../../edge/native-url.ts'
import { openSocketJournal } from '../../../edge/open-socket-journal.ts'
import type { OpenedSocket, SocketRequest, SocketRoute } from '../../../edge/socket-route.ts'
import type { EventFormatter } from '../../../stream/task-stream.ts'
import { KeyQuerySchema } from '../contract/execution.ts'
import { createFrameWriter } from '../events.ts'
import { refusals } from '../refusals.ts'
import { taskIdOf } from '../values.ts'

const pong = JSON.stringify({ type: 'pong' })

/**
 * Streams every event from the first on, one message each, until the execution has ended. It sends committed events
 * only, no deltas of a model's response. The text `ping` is answered.
 */
export function executionSocket(context: EdgeContext, url: string): SocketRoute {
  return {
    dialect: 'certior',
    url,
    query: KeyQuerySchema,
    open: (request) => openStream(context, request),
    answer: (text) => (text === 'ping' ? pong : undefined),
    lastWord: (refusal) => ({
      status: refusals.lines[refusal.code].status,
      code: refusal.code,
      message: refusals.bodyOf(refusal),
    }),
  }
}

async function openStream(context: EdgeContext, { principal, id }: SocketRequest): Promise<OpenedSocket> {
  const { deps } = context
  const snapshot = await readTaskFor(deps, principal, taskIdOf(id))
  const formatter = createFrameFormatter(context, snapshot)
  return openSocketJournal(context, { principal, snapshot, after: 0, follow: false, formatter, deltas: false })
}

function createFrameFormatter(context: EdgeContext, { task, access }: AccessedTask): EventFormatter {
  const write = createFrameWriter(context.deps.store, task.id, (id) => promptUrl(context, id))
  return {
    events: async (events) => (await write(shownEvents(events, access))).map((frame) => JSON.stringify(frame)),
    delta: () => '',
  }
}
