import { submitTask } from '../../../../engine/commands/submit-task.ts'
import { changeOnce, idempotencyRefusals } from '../../../edge/answer-once.ts'
import type { DialectApp, EdgeContext } from '../../../edge/define-dialect.ts'
import { json } from '../../../edge/define-refusals.ts'
import { ignoredFieldsOf } from '../../../edge/take-liberally.ts'
import { KeyQuerySchema } from '../contract/execution.ts'
import { TaskRequestSchema } from '../contract/task-request.ts'
import { type TaskResponse, TaskResponseSchema } from '../contract/task-response.ts'
import { optionsOf } from '../extension.ts'
import { permissionResolution } from '../present.ts'
import { answers } from '../refusals.ts'
import { readTaskRequest } from '../request.ts'
import { executionIdOf } from '../values.ts'
import { websocketUrlOf } from '../websocket-url.ts'

/** Adds `POST /api/v1/tasks`. It answers 201 once the task is on disk. */
export function addTaskRoute(app: DialectApp, context: EdgeContext): void {
  const { deps } = context
  const response = answers({ 201: json('The task is on disk and queued.', TaskResponseSchema) }, [
    'invalid_input',
    'policy_not_found',
    'model_unknown',
    'model_unpriced',
    'model_key_missing',
    'unsupported_media_type',
    'payload_too_large',
    'request_timeout',
    'overloaded',
    'role_forbidden',
    'capability_denied',
    'agent_unavailable',
    'limit_exceeded',
    ...idempotencyRefusals,
  ])
  const schema = { summary: 'Submit a task', body: TaskRequestSchema, querystring: KeyQuerySchema, response }
  app.post('/api/v1/tasks', { schema, config: { queryKey: true } }, async (request, reply) => {
    const { snapshot } = await changeOnce(request, reply, async (idempotency) => {
      const submission = await readTaskRequest(deps, request.body)
      return submitTask(deps, request.principal, {
        ...submission,
        ignoredFields: ignoredFieldsOf(request),
        idempotency,
      })
    })
    const { task, run } = snapshot
    const { permissions, verificationProfile } = optionsOf(snapshot)
    const resolution = permissionResolution(permissions, run.config)
    const created: TaskResponse = {
      execution_id: executionIdOf(task.id),
      status: 'queued',
      websocket_url: websocketUrlOf(context, request, task.id),
      ...(verificationProfile !== undefined && { verification_profile: verificationProfile }),
      ...(resolution !== undefined && { permission_resolution: resolution }),
    }
    return reply.code(201).send(created)
  })
}
