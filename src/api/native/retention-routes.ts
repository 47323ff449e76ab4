import { fullyShown } from '../../engine/access/read-task.ts'
import { liftHold } from '../../engine/commands/lift-hold.ts'
import { placeHold } from '../../engine/commands/place-hold.ts'
import { purgeTask } from '../../engine/commands/purge-task.ts'
import { changeOnce, idempotencyRefusals } from '../edge/answer-once.ts'
import { json } from '../edge/define-refusals.ts'
import { answers, answersToBody, IdSchema, NothingSchema } from './answers.ts'
import { TaskSchema } from './contract/task.ts'
import { PlaceHoldSchema } from './contract/task-requests.ts'
import type { NativeApp, NativeContext } from './native-context.ts'
import { taskIdOf, viewOf } from './read-task-view.ts'

/** Adds the routes that decide how long the contents of a task are kept: holds and purges. */
export function addRetentionRoutes(app: NativeApp, { deps }: NativeContext): void {
  const after = { 200: json('The task after it.', TaskSchema) }
  app.post(
    '/v1/tasks/:id/purge',
    {
      schema: {
        summary: 'Take the contents of a task away for good; its journal and its statements stay',
        params: IdSchema,
        body: NothingSchema,
        response: answersToBody(after, [
          'task_not_found',
          'role_forbidden',
          'task_busy',
          'task_held',
          ...idempotencyRefusals,
        ]),
      },
    },
    async (request, reply) => {
      const id = await taskIdOf(deps, request.params.id)
      // A second purge changes nothing, so that a crash before the request is remembered does no harm.
      const purged = await changeOnce(request, reply, () => purgeTask(deps, request.principal, id))
      return viewOf(deps, purged.snapshot)
    },
  )
  const hold = '/v1/tasks/:id/hold'
  app.put(
    hold,
    {
      schema: {
        summary: 'Keep the contents of a task whatever happens: a legal hold',
        params: IdSchema,
        body: PlaceHoldSchema,
        response: answersToBody(after, ['task_not_found', 'role_forbidden', 'task_busy']),
      },
    },
    async ({ principal, params, body }) => {
      const id = await taskIdOf(deps, params.id)
      return viewOf(deps, fullyShown(await placeHold(deps, principal, id, body.reason)))
    },
  )
  app.delete(
    hold,
    {
      schema: {
        summary: 'Lift the legal hold of a task',
        params: IdSchema,
        response: answers(after, ['task_not_found', 'role_forbidden', 'task_busy']),
      },
    },
    async ({ principal, params }) => {
      const id = await taskIdOf(deps, params.id)
      return viewOf(deps, fullyShown(await liftHold(deps, principal, id)))
    },
  )
}
