import { changeOnce, idempotencyRefusals } from '../../../edge/answer-once.ts'
import type { DialectApp, EdgeContext } from '../../../edge/define-dialect.ts'
import { json } from '../../../edge/define-refusals.ts'
import { answerQuestion } from '../answer-question.ts'
import { TaskParams, TaskSchema } from '../contract/task.ts'
import { TaskMessageSchema } from '../contract/task-message.ts'
import { readTaskView } from '../present.ts'
import { answersToBody } from '../refusals.ts'

/** Adds the route that answers the questions of a task. The first answer counts. */
export function addMessageRoute(app: DialectApp, { deps }: EdgeContext): void {
  const response = answersToBody({ 200: json('The task after it.', TaskSchema) }, [
    'task_not_found',
    'prompt_not_found',
    'prompt_settled',
    'no_open_question',
    'role_forbidden',
    'task_busy',
    ...idempotencyRefusals,
  ])
  app.post(
    '/v1/tasks/:taskId/messages',
    { schema: { summary: 'Answer a question of the agent', params: TaskParams, body: TaskMessageSchema, response } },
    async (request, reply) => {
      const { principal, params, body } = request
      const answered = await changeOnce(request, reply, (once) =>
        answerQuestion(deps, principal, params.taskId, body, once),
      )
      return readTaskView(deps, answered.snapshot)
    },
  )
}
