import { exactTitleOf } from '../../../../domain/content.ts'
import { addMessage } from '../../../../engine/commands/add-message.ts'
import { submitTask } from '../../../../engine/commands/submit-task.ts'
import { readAskingTask } from '../../../../engine/queries/read-open-prompts.ts'
import { changeOnce, idempotencyRefusals } from '../../../edge/answer-once.ts'
import type { DialectApp, EdgeContext } from '../../../edge/define-dialect.ts'
import { json } from '../../../edge/define-refusals.ts'
import { instantOf } from '../../../edge/instants.ts'
import { ignoredFieldsOf } from '../../../edge/take-liberally.ts'
import { checkAgent, readXagentTask } from '../access.ts'
import {
  type AppendResponse,
  AppendResponseSchema,
  type CreateTaskResponse,
  CreateTaskResponseSchema,
  CreateTaskSchema,
} from '../contract/create-task.ts'
import { StepsSchema } from '../contract/step.ts'
import { TaskParams, TaskSchema } from '../contract/task.ts'
import { refusedMessage } from '../interactions.ts'
import { presentTask } from '../present.ts'
import { answers, answersToMessage } from '../refusals.ts'
import { readTaskRequest } from '../request.ts'
import { readSteps } from '../steps/read-steps.ts'

/** Adds the routes that create a task, continue it and poll it. */
export function addTaskRoutes(app: DialectApp, context: EdgeContext): void {
  const { deps } = context
  const created = answersToMessage({ 202: json('On disk and claimed: poll it.', CreateTaskResponseSchema) }, [
    ...idempotencyRefusals,
  ])
  app.post(
    '/v1/chat/tasks',
    { schema: { summary: 'Create a task and start its first turn', body: CreateTaskSchema, response: created } },
    async (request, reply) => {
      const { body, agent, principal } = request
      const message = readTaskRequest(deps.limits, body)
      checkAgent(agent, body.agent_id)
      const { snapshot } = await changeOnce(request, reply, (idempotency) =>
        submitTask(deps, principal, {
          ...message,
          title: exactTitleOf(body.message.content),
          agentId: agent.id,
          dialect: 'xagent',
          ownedBy: 'agent_user',
          extension: { source: 'sdk' },
          ignoredFields: ignoredFieldsOf(request),
          idempotency,
        }),
      )
      const { task } = snapshot
      const createdAt = instantOf(task.createdAt)
      const answer = { task_id: task.number, agent_id: agent.number, status: 'running', created_at: createdAt } as const
      return reply.code(202).send(answer satisfies CreateTaskResponse)
    },
  )

  const read = answers({ 200: json('The task.', TaskSchema) }, ['task_not_found'])
  app.get(
    '/v1/chat/tasks/:task_id',
    { schema: { summary: 'Read a task: its latest turn', params: TaskParams, response: read } },
    async ({ params, agent, principal }) => {
      const { snapshot, open } = await readAskingTask(deps, () => readXagentTask(deps, principal, params.task_id))
      return presentTask(context, snapshot, agent, open)
    },
  )

  const appended = answersToMessage({ 202: json('On disk: poll it.', AppendResponseSchema) }, [
    'task_not_found',
    'task_busy',
    ...idempotencyRefusals,
  ])
  const summary = 'Add a message: the next turn of a task that is not at work'
  const append = { summary, params: TaskParams, body: CreateTaskSchema, response: appended }
  app.post('/v1/chat/tasks/:task_id/messages', { schema: append }, async (request, reply) => {
    const { body, agent, principal, params } = request
    const { input, runExtension, askQuestion } = readTaskRequest(deps.limits, body)
    const { task } = await readXagentTask(deps, principal, params.task_id)
    checkAgent(agent, body.agent_id)
    const { snapshot: next } = await changeOnce(request, reply, (idempotency) =>
      addMessage(deps, principal, task.id, {
        input,
        runExtension,
        askQuestion,
        ignoredFields: ignoredFieldsOf(request),
        onlyWhenIdle: true,
        idempotency,
      }).catch((error: unknown) => {
        throw refusedMessage(error)
      }),
    )
    const accepted_at = instantOf(next.task.updatedAt)
    const answer = { task_id: task.number, agent_id: agent.number, status: 'running', accepted_at } as const
    return reply.code(202).send(answer satisfies AppendResponse)
  })

  const listed = answers({ 200: json('The steps.', StepsSchema) }, ['task_not_found'])
  app.get(
    '/v1/chat/tasks/:task_id/steps',
    { schema: { summary: 'List what was done on a task', params: TaskParams, response: listed } },
    async ({ params, agent, principal }) => {
      const { task } = await readXagentTask(deps, principal, params.task_id)
      return { task_id: task.number, agent_id: agent.number, steps: await readSteps(deps, task) }
    },
  )
}
