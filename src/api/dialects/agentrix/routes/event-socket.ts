import { Refusal } from '../../../../domain/refusal.ts'
import type { Task } from '../../../../domain/task.ts'
import type { AccessedTask } from '../../../../engine/access/read-task.ts'
import type { Store } from '../../../../store/store.ts'
import type { EdgeContext } from '../../../edge/define-dialect.ts'
import { openSocketJournal } from '../../../edge/open-socket-journal.ts'
import type { OpenedSocket, SocketRequest, SocketRoute } from '../../../edge/socket-route.ts'
import type { EventFormatter } from '../../../stream/task-stream.ts'
import { type EventQuery, EventQuerySchema } from '../contract/event.ts'
import { readEventViews, seqOf, sequenceOf } from '../events.ts'
import { refusals } from '../refusals.ts'
import { readTask } from '../request.ts'

/**
 * Sends every event after a sequence, oldest first and one message each, until the run has ended. It sends committed
 * events only, because a delta has no sequence.
 */
export function eventSocket(context: EdgeContext): SocketRoute {
  return {
    dialect: 'agentrix',
    url: '/v1/tasks/:taskId/events',
    query: EventQuerySchema,
    open: (request) => openStream(context, request),
    lastWord(refusal) {
      const { status, code } = refusals.lines[refusal.code]
      return { status, code, message: refusals.bodyOf(refusal) }
    },
  }
}

async function openStream(context: EdgeContext, request: SocketRequest): Promise<OpenedSocket> {
  const { deps } = context
  const { principal, query, message } = request
  const snapshot = await readTask(deps, principal, request.id)
  const { after: seen } = { ...(query as EventQuery), ...queryIn(message) }
  const after = seen === undefined ? 0 : seqOf(seen)
  const { task } = snapshot
  if (after > task.lastSeq) throw notSeen(task)
  const formatter = createEventFormatter(deps.store, snapshot)
  return openSocketJournal(context, { principal, snapshot, after, follow: false, formatter, deltas: false })
}

/** Reads the last seen sequence from a first message. It takes precedence over the address. */
function queryIn({ after }: SocketRequest['message']): Pick<EventQuery, 'after'> {
  if (after === undefined) return {}
  if (Number.isSafeInteger(after) && Number(after) >= 0) return { after: Number(after) }
  const fields = [{ field: 'after', message: 'must be a sequence, a whole number from 0' }]
  throw new Refusal('invalid_input', 'Not allowed in the first message.', { fields })
}

/** Nobody can have seen what is not there: such a reader would miss what comes. */
function notSeen({ lastSeq }: Task): Refusal {
  const fields = [{ field: 'after', message: `must be at most ${sequenceOf(lastSeq)}, the latest sequence` }]
  return new Refusal('invalid_input', 'There are not so many events.', { fields })
}

function createEventFormatter(store: Store, task: AccessedTask): EventFormatter {
  return {
    async events(events) {
      return (await readEventViews(store, task, events)).map((view) => JSON.stringify(view))
    },
    delta: () => '',
  }
}
