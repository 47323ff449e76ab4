import type { TaskSnapshot } from '../../../../domain/evolve.ts'
import type { Principal } from '../../../../domain/principal.ts'
import { accessedBy } from '../../../../engine/access/read-task.ts'
import { cancelRun } from '../../../../engine/commands/cancel-run.ts'
import { resumeRun } from '../../../../engine/commands/resume-run.ts'
import { stopRun } from '../../../../engine/commands/stop-run.ts'
import { listTasks } from '../../../../engine/queries/list-tasks.ts'
import type { ServerDeps } from '../../../../engine/server-deps.ts'
import type { IdempotentRequest } from '../../../../store/commit.ts'
import { changeOnce, idempotencyRefusals } from '../../../edge/answer-once.ts'
import type { DialectApp, EdgeContext } from '../../../edge/define-dialect.ts'
import { json } from '../../../edge/define-refusals.ts'
import { pageOf, pageRequest } from '../../../edge/pages.ts'
import { NothingSchema, TaskPageSchema, TaskParams, TaskQuerySchema, TaskSchema } from '../contract/task.ts'
import { listedTask, readTaskView } from '../present.ts'
import { answers, answersToBody } from '../refusals.ts'
import { readTask } from '../request.ts'

/** Adds the routes that list, read and control tasks. */
export function addTaskRoutes(app: DialectApp, { deps }: EdgeContext): void {
  const listed = answers({ 200: json('A page of tasks.', TaskPageSchema) }, ['invalid_input'])
  app.get(
    '/v1/tasks',
    { schema: { summary: 'List your tasks, newest first', querystring: TaskQuerySchema, response: listed } },
    async ({ query, principal }) => {
      const request = pageRequest(deps.limits, 'number', query)
      const found = await listTasks(deps, principal, { dialect: 'agentrix' }, request)
      const page = pageOf('number', found, request)
      const snapshots = await Promise.all(page.rows.map(({ id }) => deps.store.readSnapshot(id)))
      const tasks = snapshots.flatMap((snapshot) => {
        const shown = snapshot && accessedBy(principal, snapshot)
        return shown === undefined ? [] : [listedTask(shown)]
      })
      return { tasks, hasMore: page.has_more, nextCursor: page.next_cursor }
    },
  )
  const read = answers({ 200: json('The task.', TaskSchema) }, ['task_not_found'])
  app.get(
    '/v1/tasks/:taskId',
    { schema: { summary: 'Read a task', params: TaskParams, response: read } },
    async ({ params, principal }) => readTaskView(deps, await readTask(deps, principal, params.taskId)),
  )
  for (const [verb, { summary, move }] of Object.entries(moves)) {
    const moved = answersToBody({ 200: json('The task after it.', TaskSchema) }, [
      'task_not_found',
      'role_forbidden',
      'run_settled',
      'move_refused',
      'task_busy',
      ...idempotencyRefusals,
    ])
    app.post(
      `/v1/tasks/:taskId/${verb}`,
      { schema: { summary, params: TaskParams, body: NothingSchema, response: moved } },
      async (request, reply) => {
        const { params, principal } = request
        const before = await readTask(deps, principal, params.taskId)
        const moved = await changeOnce(request, reply, (once) => move(deps, principal, before, once))
        return readTaskView(deps, moved.snapshot)
      },
    )
  }
}

type Move = (
  deps: ServerDeps,
  principal: Principal,
  before: TaskSnapshot,
  once: IdempotentRequest | undefined,
) => Promise<TaskSnapshot>

const moves: Readonly<Record<'resume' | 'cancel' | 'stop', { readonly summary: string; readonly move: Move }>> = {
  resume: {
    summary: 'Let a paused task go on where it stood',
    move: (deps, principal, { task }, once) => resumeRun(deps, principal, task.id, once),
  },
  cancel: {
    summary: 'End a task for good; its sub-tasks too',
    // A repeated cancellation is no error, because the task is in the requested state.
    move: async (deps, principal, before, once) =>
      before.run.state === 'cancelled' ? before : cancelRun(deps, principal, before.task.id, once),
  },
  stop: {
    summary: 'Pause a task at its next boundary, keeping everything',
    move: (deps, principal, { task }, once) => stopRun(deps, principal, task.id, once),
  },
}
