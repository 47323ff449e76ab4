import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import type { RefusalCode } from '../../domain/refusal.ts'
import { isTerminal } from '../../domain/run-state.ts'
import { type AccessedTask, readTaskFor } from '../../engine/access/read-task.ts'
import { addMessage } from '../../engine/commands/add-message.ts'
import { cancelRun } from '../../engine/commands/cancel-run.ts'
import { resumeRun } from '../../engine/commands/resume-run.ts'
import { stopRun } from '../../engine/commands/stop-run.ts'
import { type SubmitTask, submitTask } from '../../engine/commands/submit-task.ts'
import { changeOnce, idempotencyRefusals } from '../edge/answer-once.ts'
import { json } from '../edge/define-refusals.ts'
import { nativeUrl } from '../edge/native-url.ts'
import { answers, answersToBody, IdSchema, NothingSchema } from './answers.ts'
import { TaskSchema, type TaskView } from './contract/task.ts'
import { CreateMessageSchema, CreateTaskSchema, WaitQuerySchema } from './contract/task-requests.ts'
import type { NativeApp, NativeContext } from './native-context.ts'
import { preferredWait, wantsStream } from './preferences.ts'
import { readCreateTask, readMessage } from './read-message.ts'
import { readTaskView, taskIdOf, viewOf } from './read-task-view.ts'
import { sendStream } from './send-stream.ts'
import { waitSeconds, waitUntilEnded } from './wait-until-ended.ts'

const acceptedHeaders = ['Location', 'Preference-Applied'] as const
const accepted = {
  200: {
    description: 'The task has ended within the time that was waited; or the stream of its events.',
    headers: acceptedHeaders,
    content: { 'application/json': { schema: TaskSchema }, 'text/event-stream': { schema: { type: 'string' } } },
  },
  202: json('The task is on disk; it has not ended yet.', TaskSchema, acceptedHeaders),
}
const submitRefusals: readonly RefusalCode[] = [
  'agent_not_found',
  'agent_unavailable',
  'capability_denied',
  'limit_exceeded',
  'model_key_missing',
  'model_unknown',
  'model_unpriced',
  'policy_not_found',
  'role_forbidden',
  'task_busy',
]

/** Adds the routes that submit, read and control tasks. */
export function addTaskRoutes(app: NativeApp, context: NativeContext): void {
  addSubmitRoute(app, context)
  addMessageRoute(app, context)
  const { deps } = context
  app.get(
    '/v1/tasks/:id',
    {
      schema: {
        summary: 'Read a task; with wait, once it has ended or after so many seconds',
        params: IdSchema,
        querystring: WaitQuerySchema,
        response: answers({ 200: json('The task.', TaskSchema) }, ['task_not_found', 'invalid_input']),
      },
    },
    async (request, reply) => {
      const seconds = waitSeconds(deps.limits, request.query.wait)
      const id = await taskIdOf(deps, request.params.id)
      const before = await readTaskFor(deps, request.principal, id)
      if (seconds > 0 && !isTerminal(before.run.state)) {
        const revoked = await waitUntilEnded(context, reply, id, seconds)
        if (revoked !== undefined) throw revoked
        return readTaskView(deps, request.principal, id)
      }
      return viewOf(deps, before)
    },
  )
  const verbs = { cancel: cancelRun, stop: stopRun, resume: resumeRun }
  const summaries = {
    cancel: 'End the latest run for good',
    stop: 'Pause the latest run at its next boundary, keeping everything',
    resume: 'Put a paused run back into the queue',
  }
  for (const verb of ['cancel', 'stop', 'resume'] as const) {
    app.post(
      `/v1/tasks/:id/${verb}`,
      {
        schema: {
          summary: summaries[verb],
          params: IdSchema,
          body: NothingSchema,
          response: answersToBody({ 200: json('The task after it.', TaskSchema) }, [
            'task_not_found',
            'role_forbidden',
            'run_settled',
            'move_refused',
            'task_busy',
            ...idempotencyRefusals,
          ]),
        },
      },
      async (request, reply) => {
        const id = await taskIdOf(deps, request.params.id)
        const moved = await changeOnce(request, reply, (once) => verbs[verb](deps, request.principal, id, once))
        return viewOf(deps, moved.snapshot)
      },
    )
  }
}

function addSubmitRoute(app: NativeApp, context: NativeContext): void {
  const { deps } = context
  const response = answersToBody(accepted, [...idempotencyRefusals, ...submitRefusals])
  const requestHeaders = ['Prefer'] as const
  const schema = { summary: 'Submit a task', requestHeaders, body: CreateTaskSchema, response }
  app.post('/v1/tasks', { schema }, async (request, reply) => {
    const { principal, body } = request
    const submission = readCreateTask(deps.limits, body)
    return acceptTask(context, request, reply, async () => {
      const submit = (idempotency: SubmitTask['idempotency']) =>
        submitTask(deps, principal, { ...submission, idempotency })
      const { snapshot } = await changeOnce(request, reply, submit)
      return { snapshot, after: 0, input: submission.input }
    })
  })
}

function addMessageRoute(app: NativeApp, context: NativeContext): void {
  const { deps } = context
  const response = answersToBody(accepted, ['task_not_found', ...idempotencyRefusals, ...submitRefusals])
  const summary = 'Add a message: to the run under way, or as the start of a new run'
  const requestHeaders = ['Prefer'] as const
  const schema = { summary, requestHeaders, params: IdSchema, body: CreateMessageSchema, response }
  app.post('/v1/tasks/:id/messages', { schema }, async (request, reply) => {
    const { principal, body } = request
    const id = await taskIdOf(deps, request.params.id)
    const message = readMessage(deps.limits, body)
    return acceptTask(context, request, reply, async () => {
      const before = await readTaskFor(deps, principal, id)
      const { snapshot, replayedAfter } = await changeOnce(request, reply, (idempotency) =>
        addMessage(deps, principal, id, { ...message, heldTo: message, idempotency }),
      )
      return { snapshot, after: replayedAfter ?? before.task.lastSeq }
    })
  })
}

interface Accepted {
  readonly snapshot: AccessedTask
  /** The seq after which a stream of it begins. */
  readonly after: number
  /** The input that was just written, which saves reading it. */
  readonly input?: SubmitTask['input']
}

/**
 * Executes the request and answers: with a stream where the client accepts one, after the end of the task where
 * `Prefer: wait` asks for that, otherwise at once. It answers 200 when the task has ended, and 202 when not.
 */
async function acceptTask(
  context: NativeContext,
  request: FastifyRequest,
  reply: FastifyReply,
  execute: () => Promise<Accepted>,
): Promise<FastifyReply> {
  if (!wantsStream(request.headers.accept)) return answerTask(context, request, reply, await execute())
  // The place is taken first, because a task must not be made for an answer that is then refused.
  const open = context.streams.open(request.principal)
  try {
    const { snapshot, after } = await execute()
    void reply.header('location', locationOf(context, snapshot))
    return await sendStream(context, request, reply, { snapshot, after, follow: false, open })
  } finally {
    open.close()
  }
}

async function answerTask(
  context: NativeContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { snapshot, input }: Accepted,
): Promise<FastifyReply> {
  const { deps } = context
  void reply.header('location', locationOf(context, snapshot))
  const seconds = preferredWait(request.headers['prefer'], deps.limits)
  if (seconds === undefined) return sendTask(reply, await viewOf(deps, snapshot, input))
  void reply.header('preference-applied', `wait=${seconds}`)
  const revoked = await waitUntilEnded(context, reply, snapshot.task.id, seconds)
  // The task was made, which a refusal would deny. A caller whose key was revoked meanwhile gets the task as it was
  // before the wait.
  const view =
    revoked === undefined
      ? await readTaskView(deps, request.principal, snapshot.task.id)
      : await viewOf(deps, snapshot, input)
  return sendTask(reply, view)
}

function sendTask(reply: FastifyReply, view: TaskView): FastifyReply {
  return reply.code(isTerminal(view.state) ? 200 : 202).send(view)
}

function locationOf(context: NativeContext, { task }: TaskSnapshot): string {
  return nativeUrl(context, `/v1/tasks/${task.id}`)
}
