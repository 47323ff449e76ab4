import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import type { RefusalCode } from '../../../../domain/refusal.ts'
import { changeOnce, idempotencyRefusals } from '../../../edge/answer-once.ts'
import type { DialectApp, EdgeContext } from '../../../edge/define-dialect.ts'
import { eventStream, json } from '../../../edge/define-refusals.ts'
import { ignoredFieldsOf } from '../../../edge/take-liberally.ts'
import { type Accepted, acceptTask } from '../accept-task.ts'
import { AcceptedSchema, type CreateTask, CreateTaskSchema } from '../contract/create-task.ts'
import { streamUrl, taskUrl } from '../present.ts'
import { answers } from '../refusals.ts'
import { repeatMessage } from '../repeat-message.ts'
import { readCreateTask, wantsJson, wantsRepetition } from '../request.ts'
import { statusOf } from '../states.ts'
import { sendUiStream } from '../ui/send-ui-stream.ts'

const refusals: readonly RefusalCode[] = [
  'invalid_input',
  'unsupported_media_type',
  'payload_too_large',
  'request_timeout',
  'agent_not_found',
  'agent_unavailable',
  'capability_denied',
  'limit_exceeded',
  'model_key_missing',
  'model_unknown',
  'model_unpriced',
  'policy_not_found',
  'overloaded',
  'role_forbidden',
  'task_busy',
  ...idempotencyRefusals,
]

/** Adds the route that creates and continues tasks. */
export function addCreateRoute(app: DialectApp, context: EdgeContext): void {
  const response = answers(
    {
      200: { description: 'The run as a UI message stream.', headers: ['Location'], content: eventStream },
      202: { ...json('The task is on disk.', AcceptedSchema), headers: ['Location'] },
    },
    refusals,
  )
  const schema = { summary: 'Create a task, or continue one', body: CreateTaskSchema, response }
  app.post('/api/v1/tasks', { schema }, (request, reply) => createTask(context, request, reply))
}

async function createTask(
  context: EdgeContext,
  request: FastifyRequest<{ Body: CreateTask }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { streams } = context
  const { principal, headers } = request
  if (wantsJson(request.body.response_format, headers.accept)) {
    const { snapshot } = await acceptOnce(context, request, reply)
    const { task, run } = snapshot
    const url = streamUrl(context, request, task.id, run.id)
    const accepted: Static<typeof AcceptedSchema> = {
      id: task.id,
      status: statusOf(run.state),
      stream_id: run.id,
      stream_url: url,
      ...(run.config.notice !== undefined && { notice: run.config.notice }),
    }
    return reply
      .code(202)
      .header('location', taskUrl(context, request, task.id))
      .send(accepted)
  }
  const open = streams.open(principal) // before the task: one that was refused was not created
  try {
    const { snapshot, after, joined } = await acceptOnce(context, request, reply)
    const { task, run } = snapshot
    void reply.header('location', taskUrl(context, request, task.id))
    const messageId = joined ? `${run.id}.${after}` : run.id
    return await sendUiStream(context, request, reply, { snapshot, run: run.id, after, messageId, open })
  } finally {
    open.close()
  }
}

/**
 * Accepts a request once. A request that was accepted before under its Idempotency-Key gets the task that it came to.
 */
async function acceptOnce(
  { deps }: EdgeContext,
  request: FastifyRequest<{ Body: CreateTask }>,
  reply: FastifyReply,
): Promise<Accepted> {
  const { principal, body } = request
  let accepted: Accepted | undefined
  const { snapshot, replayedAfter = 0 } = await changeOnce(request, reply, async (idempotency) => {
    const effective = wantsRepetition(body) ? await repeatMessage(deps, principal, body) : body
    const taskRequest = readCreateTask(deps.limits, effective, ignoredFieldsOf(request))
    accepted = await acceptTask(deps, principal, { ...taskRequest, submit: { ...taskRequest.submit, idempotency } })
    return accepted.snapshot
  })
  if (accepted !== undefined) return accepted
  const { id, lastSeq } = snapshot.task
  const events = await deps.store.readEvents(id, replayedAfter, lastSeq - replayedAfter)
  return { snapshot, after: replayedAfter, joined: !events.some(({ kind }) => kind === 'run.queued') }
}
