import { Refusal } from '../../domain/refusal.ts'
import { readTaskFor } from '../../engine/access/read-task.ts'
import { openSocketJournal } from '../edge/open-socket-journal.ts'
import type { OpenedSocket, SocketRequest, SocketRoute } from '../edge/socket-route.ts'
import { checkSeen } from './check-seen.ts'
import type { ProblemMessage } from './contract/delta.ts'
import { type EventQuery, EventQuerySchema } from './contract/task-requests.ts'
import { createSocketFormatter } from './event-formatters.ts'
import type { NativeContext } from './native-context.ts'
import { problemOf } from './problem-of.ts'
import { taskIdOf } from './read-task-view.ts'

/**
 * Sends one message per event or delta until the run has ended. Fields of the first message take precedence over the
 * address.
 */
export function eventSocket(context: NativeContext): SocketRoute {
  return {
    dialect: 'native',
    url: '/v1/tasks/:id/events',
    query: EventQuerySchema,
    open: (request) => openStream(context, request),
    lastWord(refusal) {
      const problem = problemOf(refusal)
      const message: ProblemMessage = { type: 'problem', data: problem }
      return { status: problem.status, code: problem.code, message }
    },
  }
}

async function openStream(context: NativeContext, request: SocketRequest): Promise<OpenedSocket> {
  const { deps } = context
  const { principal, query, message } = request
  const { after = 0, follow = false } = { ...(query as EventQuery), ...queryIn(message) }
  const snapshot = await readTaskFor(deps, principal, await taskIdOf(deps, request.id))
  checkSeen(snapshot, after)
  const formatter = createSocketFormatter(deps.store, snapshot.access)
  return openSocketJournal(context, { principal, snapshot, after, follow, formatter, deltas: true })
}

/** Reads from the first message where the stream begins, and whether it follows the task. */
function queryIn({ after, follow }: SocketRequest['message']): Pick<EventQuery, 'after' | 'follow'> {
  const isSeq = Number.isSafeInteger(after) && Number(after) >= 0
  const fields = [
    ...(after === undefined || isSeq ? [] : [{ field: 'after', message: 'must be the seq of an event' }]),
    ...(follow === undefined || typeof follow === 'boolean'
      ? []
      : [{ field: 'follow', message: 'must be true or false' }]),
  ]
  if (fields.length > 0) throw new Refusal('invalid_input', 'Not allowed in the first message.', { fields })
  return { ...(isSeq && { after: Number(after) }), ...(typeof follow === 'boolean' && { follow }) }
}
