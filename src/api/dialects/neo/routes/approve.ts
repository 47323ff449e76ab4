import type { Static } from 'typebox'
import { changeOnce, idempotencyRefusals } from '../../../edge/answer-once.ts'
import type { DialectApp, EdgeContext } from '../../../edge/define-dialect.ts'
import { json } from '../../../edge/define-refusals.ts'
import { ApprovedSchema, ApproveTaskSchema } from '../contract/approve-task.ts'
import { TaskParams } from '../contract/task.ts'
import { answersToBody } from '../refusals.ts'
import { approveTask } from '../settle-prompts.ts'

/** Adds the route that decides on what a task asks. The first decision counts. */
export function addApproveRoute(app: DialectApp, { deps }: EdgeContext): void {
  const response = answersToBody({ 200: json('The decision is on disk.', ApprovedSchema) }, [
    'task_not_found',
    'prompt_not_found',
    'prompt_settled',
    'no_open_question',
    'role_forbidden',
    'task_busy',
    ...idempotencyRefusals,
  ])
  const schema = {
    summary: 'Approve or decline what a task asks',
    params: TaskParams,
    body: ApproveTaskSchema,
    response,
  }
  app.post('/api/v1/tasks/:id/approve', { schema }, async (request, reply): Promise<Static<typeof ApprovedSchema>> => {
    const { principal, params, body } = request
    const { snapshot } = await changeOnce(request, reply, (once) => approveTask(deps, principal, params.id, body, once))
    return { success: true, stream_id: snapshot.run.id }
  })
}
