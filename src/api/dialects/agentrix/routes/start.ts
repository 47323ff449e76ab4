import { submitTask } from '../../../../engine/commands/submit-task.ts'
import { changeOnce, idempotencyRefusals } from '../../../edge/answer-once.ts'
import type { DialectApp, EdgeContext } from '../../../edge/define-dialect.ts'
import { json } from '../../../edge/define-refusals.ts'
import { ignoredFieldsOf } from '../../../edge/take-liberally.ts'
import { StartTaskSchema } from '../contract/start-task.ts'
import { StartedTaskSchema } from '../contract/task.ts'
import { startedTask } from '../present.ts'
import { answersToBody } from '../refusals.ts'
import { readStart } from '../request.ts'

/** Adds `POST /v1/agentrix/tasks/start`. It answers 201 once the task is on disk. */
export function addStartRoute(app: DialectApp, { deps }: EdgeContext): void {
  const response = answersToBody({ 201: json('The task is on disk and queued.', StartedTaskSchema) }, [
    'chat_not_found',
    'pool_not_found',
    'machine_not_found',
    'task_not_found',
    'agent_not_found',
    'agent_unavailable',
    'role_forbidden',
    'budget_exhausted',
    'policy_not_found',
    'model_unknown',
    'model_key_missing',
    'run_settled',
    'limit_exceeded',
    ...idempotencyRefusals,
  ])
  const schema = { summary: 'Start a task in a chat', body: StartTaskSchema, response }
  app.post('/v1/agentrix/tasks/start', { schema }, async (request, reply) => {
    const { body, principal } = request
    const { snapshot } = await changeOnce(request, reply, async (idempotency) => {
      const submission = await readStart(deps, principal, body)
      return submitTask(deps, principal, { ...submission, ignoredFields: ignoredFieldsOf(request), idempotency })
    })
    return reply.code(201).send(startedTask(snapshot))
  })
}
