import { Refusal } from '../../../../domain/refusal.ts'
import type { Task } from '../../../../domain/task.ts'
import type { AccessedTask } from '../../../../engine/access/read-task.ts'
import type { Store } from '../../../../store/store.ts'
import type { EdgeContext } from '../../../edge/define-dialect.ts'
import { openSocketJournal } from '../../../edge/open-socket-journal.ts'
import type { OpenedSocket, SocketRequest, SocketRoute } from '../../../edge/socket-route.ts'
import type { EventFormatter } from '../../../stream/task-stream.ts'
import { answerQuestion } from '../answer-question.ts'
import { type EventQuery, EventQuerySchema } from '../contract/event.ts'
import type { TaskMessage } from '../contract/task-message.ts'
import { readEventViews, seqOf, sequenceOf } from '../events.ts'
import { refusals } from '../refusals.ts'
import { readTask } from '../request.ts'

/** Validates a frame by the schema of a task message. */
export type CheckMessage = (message: unknown) => { readonly value?: unknown; readonly error?: Error }

/**
 * Sends every event after a sequence, oldest first and one message each, until the run has ended. It sends committed
 * events only, because a delta has no sequence. A frame of the client answers a question, and is answered only where it is
 * refused.
 */
export function eventSocket(context: EdgeContext, checkMessage: CheckMessage): SocketRoute {
  return {
    async answer(text, { principal, id }) {
      const { value, error } = checkMessage(parse(text))
      if (error !== undefined) throw error
      // Its event comes in its place among the others.
      await answerQuestion(context.deps, principal, id, value as TaskMessage)
      return undefined
    },
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

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal('malformed_request', 'The message is no JSON.')
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
