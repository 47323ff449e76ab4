import { shareTask } from '../../../../engine/commands/share-task.ts'
import { readSharedTask } from '../../../../engine/queries/read-shared-task.ts'
import { idempotencyRefusals, makeOnce } from '../../../edge/answer-once.ts'
import type { DialectApp, EdgeContext } from '../../../edge/define-dialect.ts'
import { json } from '../../../edge/define-refusals.ts'
import {
  permissionDefaults,
  SharedSchema,
  SharedTaskSchema,
  ShareQuerySchema,
  ShareTaskSchema,
} from '../contract/share.ts'
import { TaskParams } from '../contract/task.ts'
import { readEventPage } from '../events.ts'
import { showId } from '../ids.ts'
import { readTaskView } from '../present.ts'
import { answersToBody, openAnswers } from '../refusals.ts'
import { readTask } from '../request.ts'

/** Adds the routes that share a task, and read a shared one. */
export function addShareRoutes(app: DialectApp, { deps }: EdgeContext): void {
  const made = answersToBody({ 201: json('The code of the link.', SharedSchema) }, [
    'task_not_found',
    'role_forbidden',
    'content_sealed',
    'task_busy',
    ...idempotencyRefusals,
  ])
  app.post(
    '/v1/agentrix/tasks/:taskId/share',
    { schema: { summary: 'Share a task by a link', params: TaskParams, body: ShareTaskSchema, response: made } },
    async (request, reply) => {
      const { params, body, principal } = request
      const { task } = await readTask(deps, principal, params.taskId)
      const permissions = { ...permissionDefaults, ...body.permissions }
      // A task has one link, however often it is requested. The code of the link is not stored a second time.
      await makeOnce(request, reply, async () => {
        await shareTask(deps, principal, task.id, permissions)
        return {}
      })
      const code = (await deps.store.readShareOfTask(task.id))?.code
      return reply.code(201).send({ shareCode: code })
    },
  )
  const shown = openAnswers({ 200: json('The task that the link shows.', SharedTaskSchema) }, [
    'share_not_found',
    'invalid_input',
  ])
  const summary = 'Read a shared task, without a key'
  app.get(
    '/v1/auth/share',
    {
      config: { open: true },
      schema: { summary, security: [], querystring: ShareQuerySchema, response: shown },
    },
    async ({ query }) => {
      const { code, ...range } = query
      const { share, snapshot } = await readSharedTask(deps, code)
      return {
        shareCode: share.code,
        taskId: showId('task', share.taskId),
        permissions: share.permissions,
        task: await readTaskView(deps, { ...snapshot, access: 'shared' }),
        ...(await readEventPage(deps.store, { ...snapshot, access: 'shared' }, range)),
      }
    },
  )
}
