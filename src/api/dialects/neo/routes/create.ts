import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import type { TaskSnapshot } from '../../../../domain/evolve.ts'
import type { RefusalCode } from '../../../../domain/refusal.ts'
import { changeOnce, idempotencyRefusals } from '../../../edge/answer-once.ts'
import type { DialectApp, EdgeContext } from '../../../edge/define-dialect.ts'
import { eventStream, json } from '../../../edge/define-refusals.ts'
import { ignoredFieldsOf } from '../../../edge/take-liberally.ts'
import { type Accepted, acceptTask } from '../accept-task.ts'
import { nameTaskOfChat } from '../chat-id.ts'
import { AcceptedSchema, type CreateTask, CreateTaskSchema } from '../contract/create-task.ts'
import { streamUrl, taskUrl } from '../present.ts'
import { answers } from '../refusals.ts'
import { repeatMessage } from '../repeat-message.ts'
import { readCreateTask, wantsJson, wantsRepetition } from '../request.ts'
import { findMessagePrompts, settleMessagePrompts } from '../settle-prompts.ts'
import { readSettledMessage, type SettledMessage } from '../settled-parts.ts'
import { statusOf } from '../states.ts'
import { sendUiStream, type UiStreamRequest } from '../ui/send-ui-stream.ts'

const refusals: readonly RefusalCode[] = [
  'invalid_input',
  'unsupported_media_type',
  'payload_too_large',
  'request_timeout',
  'agent_not_found',
  'agent_unavailable',
  'task_not_found',
  'prompt_not_found',
  'no_open_question',
  'run_settled',
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

async function createTask(context: EdgeContext, request: CreateRequest, reply: FastifyReply): Promise<FastifyReply> {
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
    const { snapshot, stream } = await acceptOnce(context, request, reply)
    void reply.header('location', taskUrl(context, request, snapshot.task.id))
    return await sendUiStream(context, request, reply, { snapshot, ...stream, open })
  } finally {
    open.close()
  }
}

type CreateRequest = FastifyRequest<{ Body: CreateTask }>

/** The task after a request, and the part of it that is the request's stream. */
interface AcceptedStream {
  readonly snapshot: TaskSnapshot
  readonly stream: Pick<UiStreamRequest, 'run' | 'after' | 'messageId' | 'answered'>
}

/**
 * Accepts a request once. A request that was accepted before under its Idempotency-Key gets the task that it came to.
 */
async function acceptOnce(context: EdgeContext, request: CreateRequest, reply: FastifyReply): Promise<AcceptedStream> {
  const body = nameTaskOfChat(request.principal, request.body)
  const settled = readSettledMessage(body)
  if (settled !== undefined) return settleOnce(context, request, reply, { id: body.id, message: settled })
  const { snapshot, after, joined } = await acceptMessageOnce(context, request, reply, body)
  const { run } = snapshot
  return { snapshot, stream: { run: run.id, after, messageId: joined ? `${run.id}.${after}` : run.id } }
}

async function acceptMessageOnce(
  { deps }: EdgeContext,
  request: CreateRequest,
  reply: FastifyReply,
  body: CreateTask,
): Promise<Accepted> {
  const { principal } = request
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

/** Settles what the user has answered in the agent's message, and goes on with that very message. */
async function settleOnce(
  { deps }: EdgeContext,
  request: CreateRequest,
  reply: FastifyReply,
  { id, message }: { readonly id: unknown; readonly message: SettledMessage },
): Promise<AcceptedStream> {
  const { principal } = request
  const found = await findMessagePrompts(deps, principal, id, message)
  const { snapshot } = await changeOnce(request, reply, (once) => settleMessagePrompts(deps, principal, found, once))
  const { runId, settled } = found
  const { messageId = runId } = message
  const answered = new Set(settled.map(({ prompt }) => prompt.id))
  return { snapshot, stream: { run: runId, after: joinedAfter(snapshot, runId, messageId), messageId, answered } }
}

/** The seq after which a message begins: one that joined a run in progress names it after the run. */
function joinedAfter({ task }: TaskSnapshot, runId: string, messageId: string): number {
  const [run, after = ''] = messageId.split('.')
  return run === runId && /^\d{1,15}$/u.test(after) ? Math.min(Number(after), task.lastSeq) : 0
}
