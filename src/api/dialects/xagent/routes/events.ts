import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../../../clock/clock.ts'
import type { Agent } from '../../../../domain/agent.ts'
import { Refusal } from '../../../../domain/refusal.ts'
import { isTerminal } from '../../../../domain/run-state.ts'
import type { AccessedTask } from '../../../../engine/access/read-task.ts'
import type { DialectApp, EdgeContext } from '../../../edge/define-dialect.ts'
import { eventStream } from '../../../edge/define-refusals.ts'
import { sendEventStream } from '../../../edge/send-event-stream.ts'
import { endingWith } from '../../../stream/stream-sink.ts'
import { openTaskStream, type TaskStream } from '../../../stream/task-stream.ts'
import { readXagentTask, resolveAgent } from '../access.ts'
import { TaskParams } from '../contract/task.ts'
import {
  completedFrame,
  concludesAt,
  createEventFormatter,
  errorFrame,
  inputRequiredFrame,
  statusFrame,
} from '../events.ts'
import { presentTask } from '../present.ts'
import { answers } from '../refusals.ts'
import { traceUpTo } from '../steps/read-steps.ts'
import { createStreamQuota, type StreamQuota } from '../stream-quota.ts'

const streamMsMax = 3_600_000

/**
 * Adds `GET …/events`, which streams events from now on, or after the event that `Last-Event-ID` names. The stream
 * ends with the latest turn of the task, when it waits for its user, after an hour, or when the key is revoked.
 */
export function addEventRoute(app: DialectApp, context: EdgeContext): void {
  const quota = createStreamQuota()
  const frames = { description: 'Frames until the latest turn has ended, or waits for its user.', content: eventStream }
  const response = answers({ 200: frames }, ['task_not_found', 'invalid_input', 'limit_exceeded'])
  const requestHeaders = ['Last-Event-ID'] as const
  const schema = { summary: 'Watch a task (server-sent events)', requestHeaders, params: TaskParams, response }
  app.get('/v1/chat/tasks/:task_id/events', { schema, exposeHeadRoute: false }, async (request, reply) => {
    const snapshot = await readXagentTask(context.deps, request.principal, request.params.task_id)
    return sendEvents({ ...context, quota }, request, reply, snapshot)
  })
}

async function sendEvents(
  context: EdgeContext & { readonly quota: StreamQuota },
  request: FastifyRequest,
  reply: FastifyReply,
  snapshot: AccessedTask,
): Promise<FastifyReply> {
  const { deps, streams, quota } = context
  const { task } = snapshot
  const after = seenBefore(request.headers['last-event-id'], task.lastSeq)
  const giveBack = quota.take(task.id, request.principal.keyId ?? '')
  const lifetime = limitLifetime(deps.clock)
  try {
    const open = streams.open(request.principal, (principal) => resolveAgent(deps, principal))
    return await sendEventStream(deps.log, request, reply, {
      open,
      openJournal: () =>
        openJournal(context, request.agent, {
          snapshot,
          after,
          signal: AbortSignal.any([open.signal, lifetime.signal]),
        }),
      lastFrame: ({ message }) => errorFrame('unauthorized', message),
      sinkOver: (connection) =>
        endingWith(connection, (how) => {
          const expired = lifetime.signal.aborted && open.revoked === undefined
          if (expired) connection.write(expiredFrame)
          connection.end(expired ? 'when_sent' : how)
        }),
    })
  } finally {
    lifetime.stop()
    giveBack()
  }
}

const expiredFrame = errorFrame(
  'stream_expired',
  'A stream lasts an hour at most. Take it up again with Last-Event-ID.',
)

interface JournalRequest {
  readonly snapshot: AccessedTask
  readonly after: number
  readonly signal: AbortSignal
}

async function openJournal(context: EdgeContext, agent: Agent, { snapshot, after, signal }: JournalRequest) {
  const { deps } = context
  const { task, run } = snapshot
  const trace = await traceUpTo(deps, task.id, after)
  const first = [statusFrame(after, trace)]
  if (isTerminal(run.state) && after === task.lastSeq) {
    first.push(completedFrame(after, await presentTask(context, snapshot, agent)))
  }
  if (run.state === 'waiting' && after === task.lastSeq) {
    first.push(await inputRequiredFrame(deps.store, snapshot, trace))
    return { first: first.join(''), journal: concluded }
  }
  const formatter = createEventFormatter(deps.store, snapshot, trace)
  const endsAfter = concludesAt(snapshot)
  const journal = await openTaskStream(deps, { snapshot, after, follow: false, endsAfter, signal, formatter })
  return { first: first.join(''), journal }
}

/** The stream of a task that waits for its user: its reader attaches again when somebody has answered. */
const concluded: TaskStream = { run: async (sink) => sink.end('when_sent') }

interface Lifetime {
  /** The signal aborts when the stream is over. */
  readonly signal: AbortSignal
  stop(): void
}

function limitLifetime(clock: Clock): Lifetime {
  const over = new AbortController()
  return { signal: over.signal, stop: clock.after(streamMsMax, () => over.abort()) }
}

/**
 * Reads the seq of the last event that a reader has seen. Without `Last-Event-ID` the reader gets no earlier events.
 */
function seenBefore(lastEventId: string | string[] | undefined, lastSeq: number): number {
  if (lastEventId === undefined || lastEventId === '') return lastSeq
  const text = String(lastEventId)
  if (/^\d{1,15}$/u.test(text) && Number(text) <= lastSeq) return Number(text)
  const fields = [{ field: 'Last-Event-ID', message: `must be the id of a frame, ${lastSeq} at most` }]
  throw new Refusal('invalid_input', 'Last-Event-ID is not the id of a frame of this task.', { fields })
}
