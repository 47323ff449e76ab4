import { isRefusal, Refusal } from '../../../domain/refusal.ts'
import { submitTask } from '../../../engine/commands/submit-task.ts'
import { answers, json, KeyQuerySchema } from './answers.ts'
import type { CertiorApp, CertiorParts } from './certior-parts.ts'
import { TaskRequestSchema } from './contract/task-request.ts'
import { type TaskResponse, TaskResponseSchema } from './contract/task-response.ts'
import { executionIdOf } from './execution-id.ts'
import { websocketUrlOf } from './present-execution.ts'
import { readTaskRequest } from './read-task-request.ts'
import { resolvePermissions } from './resolve-permissions.ts'

/** `POST /api/v1/tasks`: 201 once the task is on disk. */
export function addTaskRoute(app: CertiorApp, { rooms, publicUrl }: CertiorParts): void {
  const response = answers({ 201: json('The task is on disk and queued.', TaskResponseSchema) }, [
    'invalid_input',
    'unsupported_media_type',
    'payload_too_large',
    'overloaded',
    'role_forbidden',
    'capability_denied',
    'agent_unavailable',
    'limit_exceeded',
  ])
  const schema = { summary: 'Submit a task', body: TaskRequestSchema, querystring: KeyQuerySchema, response }
  app.post('/api/v1/tasks', { schema, config: { queryKey: true } }, async ({ body, principal }, reply) => {
    const request = readTaskRequest(rooms.limits, body)
    const { task, run } = await submitTask(rooms, principal, request).catch((error: unknown) => {
      throw isRefusal(error, 'capability_denied') ? noPermissions(request.capabilities ?? [], error) : error
    })
    const { verification_profile } = body
    const policy = String(request.extension?.['compliance_policy'])
    const resolution = resolvePermissions(request.capabilities, run.config, policy, principal.role)
    const created: TaskResponse = {
      execution_id: executionIdOf(task.id),
      status: 'queued',
      websocket_url: websocketUrlOf(publicUrl(), task.id),
      ...(verification_profile != null && { verification_profile }),
      ...(resolution !== undefined && { permission_resolution: resolution }),
    }
    return reply.code(201).send(created)
  })
}

/** The refusal again, naming each permission that was asked for. */
function noPermissions(permissions: readonly string[], cause: unknown): Refusal {
  const fields = permissions.map((field) => ({ field, message: 'was not granted' }))
  return new Refusal('capability_denied', 'No effective permissions: the agent was granted none of them', {
    fields,
    cause,
  })
}
