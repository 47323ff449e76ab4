import type { TaskSnapshot } from '../../../../domain/evolve.ts'
import type { Principal } from '../../../../domain/principal.ts'
import { isRefusal, Refusal } from '../../../../domain/refusal.ts'
import { type AccessedTask, readTaskFor } from '../../../../engine/access/read-task.ts'
import { addMessage } from '../../../../engine/commands/add-message.ts'
import { cancelRun } from '../../../../engine/commands/cancel-run.ts'
import { replyToQuestion } from '../../../../engine/commands/reply-to-question.ts'
import { submitTask } from '../../../../engine/commands/submit-task.ts'
import { readAskingTask } from '../../../../engine/queries/read-open-prompts.ts'
import type { ServerDeps } from '../../../../engine/server-deps.ts'
import { withinLimit } from '../../../../engine/settings/within-limit.ts'
import type { IdempotentRequest } from '../../../../store/commit.ts'
import { changeOnce, idempotencyRefusals } from '../../../edge/answer-once.ts'
import type { DialectApp, EdgeContext } from '../../../edge/define-dialect.ts'
import { json } from '../../../edge/define-refusals.ts'
import { instantOf } from '../../../edge/instants.ts'
import { ownUrl } from '../../../edge/own-url.ts'
import { ignoredFieldsOf } from '../../../edge/take-liberally.ts'
import { AgentParams } from '../contract/agent.ts'
import {
  type Accepted,
  AcceptedSchema,
  type Cancelled,
  CancelledSchema,
  MessageAcceptedSchema,
  MessageRequestSchema,
  TaskParams,
  TaskRequestSchema,
  TaskSchema,
} from '../contract/task.ts'
import { agentIdOf, shownTaskId, taskIdOf } from '../ids.ts'
import { presentInputRequests } from '../input-requests.ts'
import { readTaskView } from '../present.ts'
import { answers, answersToBody } from '../refusals.ts'
import { readTaskRequest } from '../request.ts'
import { statusOf } from '../states.ts'

/** Adds the routes that submit, poll, message and cancel tasks of one agent. */
export function addTaskRoutes(app: DialectApp, context: EdgeContext): void {
  addSubmitRoute(app, context)
  addPollRoute(app, context)
  addMessageRoute(app, context)
  addCancelRoute(app, context)
}

/** Adds the route that submits a task. It answers 202 once the task is on disk. */
function addSubmitRoute(app: DialectApp, { deps, publicUrl }: EdgeContext): void {
  const response = answersToBody({ 202: json('The task is on disk and queued.', AcceptedSchema) }, [
    'agent_not_found',
    'agent_unavailable',
    'capability_denied',
    'policy_not_found',
    ...idempotencyRefusals,
  ])
  const schema = { summary: 'Submit a task to an agent', params: AgentParams, body: TaskRequestSchema, response }
  app.post('/agent/request/:id', { schema }, async (request, reply) => {
    const { params, body, principal } = request
    const { snapshot } = await changeOnce(request, reply, (idempotency) =>
      submitTask(deps, principal, {
        ...readTaskRequest(deps, agentIdOf(params.id), body),
        ignoredFields: ignoredFieldsOf(request),
        idempotency,
      }),
    )
    const { task, run } = snapshot
    const url = ownUrl(publicUrl(), request, `/agent/${task.agentId}/task/${shownTaskId(task.id)}`)
    const accepted: Accepted = {
      task_id: shownTaskId(task.id),
      status: 'queued',
      created_at: instantOf(task.createdAt),
      // The time that earlier tasks will take is unknown, so that this is only the earliest possible start.
      estimated_start: instantOf(run.startedAt ?? run.queuedAt),
      poll_url: url,
      cancel_url: `${url}/cancel`,
    }
    return reply.code(202).send(accepted)
  })
}

function addPollRoute(app: DialectApp, context: EdgeContext): void {
  const { deps } = context
  const response = answers({ 200: json('The task.', TaskSchema) }, ['task_not_found'])
  const schema = { summary: 'Read a task: how far it is, and what came of it', params: TaskParams, response }
  app.get('/agent/:id/task/:taskId', { schema }, async ({ params, principal }) => {
    const { snapshot, open } = await readAskingTask(deps, () => readAgentTask(deps, principal, params))
    return readTaskView(deps.store, snapshot, presentInputRequests(context, open))
  })
}

function addMessageRoute(app: DialectApp, { deps }: EdgeContext): void {
  const response = answersToBody({ 200: json('The message is on disk.', MessageAcceptedSchema) }, [
    'task_not_found',
    'run_settled',
    'task_busy',
    'no_open_question',
    'prompt_settled',
    ...idempotencyRefusals,
  ])
  const summary = 'Send a message to a task that has not ended: the answer, where it asks something'
  const schema = { summary, params: TaskParams, body: MessageRequestSchema, response }
  app.post('/agent/:id/task/:taskId/message', { schema }, async (request, reply) => {
    const { params, body, principal } = request
    withinLimit(deps.limits, 'message_chars_max', 'message', body.message.length)
    const { task } = await readAgentTask(deps, principal, params)
    const { snapshot } = await changeOnce(request, reply, (idempotency) =>
      takeMessage(deps, principal, task.id, body.message, idempotency),
    )
    const { task: after, run } = snapshot
    return { task_id: shownTaskId(task.id), status: statusOf(run.state), received_at: instantOf(after.updatedAt) }
  })
}

/**
 * Takes a message to a task. Where the task asks something it is the answer, and nothing else: it approves nothing, and is
 * refused where it answers nothing.
 */
async function takeMessage(
  deps: ServerDeps,
  principal: Principal,
  taskId: string,
  text: string,
  idempotency: IdempotentRequest | undefined,
): Promise<TaskSnapshot> {
  if ((await deps.store.listOpenPrompts(taskId)).length === 0) {
    return addMessage(deps, principal, taskId, { input: { text }, onlyWhileOpen: true, idempotency })
  }
  const answer = { text, field: 'message', request: idempotency }
  return (await replyToQuestion(deps, principal, taskId, answer)).snapshot
}

function addCancelRoute(app: DialectApp, { deps }: EdgeContext): void {
  const response = answersToBody({ 200: json('The task is cancelled.', CancelledSchema) }, [
    'task_not_found',
    'run_settled',
    'task_busy',
    ...idempotencyRefusals,
  ])
  const schema = { summary: 'Cancel a task that has not ended', params: TaskParams, response }
  app.post('/agent/:id/task/:taskId/cancel', { schema }, async (request, reply): Promise<Cancelled> => {
    const { params, principal } = request
    const before = await readAgentTask(deps, principal, params)
    const { snapshot } = await changeOnce(request, reply, (once) =>
      cancelUnlessCancelled(deps, principal, before.task.id, once),
    )
    const { task, run } = snapshot
    return {
      task_id: shownTaskId(task.id),
      status: 'cancelled',
      cancelled_at: instantOf(run.endedAt ?? task.updatedAt),
    }
  })
}

/**
 * Cancels a task. A repeated cancellation is answered like the first, so that a client whose answer was lost can
 * repeat it.
 */
async function cancelUnlessCancelled(
  deps: ServerDeps,
  principal: Principal,
  taskId: string,
  once: IdempotentRequest | undefined,
): Promise<TaskSnapshot> {
  try {
    return await cancelRun(deps, principal, taskId, once)
  } catch (error) {
    if (!isRefusal(error, 'run_settled')) throw error
    const snapshot = await readTaskFor(deps, principal, taskId)
    if (snapshot.run.state === 'cancelled') return snapshot
    const message = `The task is ${statusOf(snapshot.run.state)} already and cannot be cancelled.`
    throw new Refusal('run_settled', message, { cause: error })
  }
}

/** Reads a task of an agent. Under any other agent it does not exist. */
async function readAgentTask(
  deps: ServerDeps,
  principal: Principal,
  { id, taskId }: { readonly id: string; readonly taskId: string },
): Promise<AccessedTask> {
  const snapshot = await readTaskFor(deps, principal, taskIdOf(taskId))
  if (snapshot.task.agentId === agentIdOf(id)) return snapshot
  throw new Refusal('task_not_found', 'There is no such task.')
}
