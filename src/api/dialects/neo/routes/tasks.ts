import type { TaskSnapshot } from '../../../../domain/evolve.ts'
import { Refusal } from '../../../../domain/refusal.ts'
import { fullyShown, readTaskFor } from '../../../../engine/access/read-task.ts'
import type { ServerDeps } from '../../../../engine/server-deps.ts'
import type { DialectApp, EdgeContext } from '../../../edge/define-dialect.ts'
import { json } from '../../../edge/define-refusals.ts'
import { pageOf, pageRequest } from '../../../edge/pages.ts'
import { readTaskOrChatId } from '../chat-id.ts'
import { SharedThreadSchema, TaskPageSchema, TaskParams, TaskQuerySchema, ThreadSchema } from '../contract/task.ts'
import { sharedThreadView, streamUrl, taskView, threadView } from '../present.ts'
import { answers, openAnswers } from '../refusals.ts'
import { statesOf } from '../states.ts'
import { readThread } from '../thread.ts'

/**
 * Adds the routes that read tasks: the list of the caller's, one with its messages and runs, and one that its owner
 * has opened to all.
 */
export function addTaskRoutes(app: DialectApp, context: EdgeContext): void {
  addListRoute(app, context)
  const { deps } = context
  const read = answers({ 200: json('The task, its messages and its runs.', ThreadSchema) }, ['task_not_found'])
  app.get(
    '/api/v1/tasks/:id',
    { schema: { summary: 'Read a task', params: TaskParams, response: read } },
    async (request) => {
      const snapshot = await readTaskFor(
        deps,
        request.principal,
        readTaskOrChatId(request.principal, request.params.id),
      )
      const runs = await deps.store.listRuns(snapshot.task.id)
      const messages = await readThread(deps, snapshot, runs)
      const urlOf = (task: { id: string }, run: { id: string }) => streamUrl(context, request, task.id, run.id)
      return threadView(request.principal, { snapshot, runs, messages, streamUrl: urlOf })
    },
  )
  const shared = openAnswers({ 200: json('What its owner shows to all.', SharedThreadSchema) }, [
    'malformed_request',
    'shutting_down',
    'storage_unavailable',
    'task_not_found',
  ])
  app.get(
    '/api/v1/tasks/:id/share',
    {
      config: { open: true },
      schema: {
        summary: 'Read a public or unlisted task, without a key',
        security: [],
        params: TaskParams,
        response: shared,
      },
    },
    async ({ params }) => {
      const snapshot = await readShared(deps, params.id.toLowerCase())
      const runs = await deps.store.listRuns(snapshot.task.id)
      return sharedThreadView(snapshot.task, await readThread(deps, snapshot, runs))
    },
  )
}

/** A task that does not exist and one that is not open to all get the same refusal, after the same work. */
async function readShared({ store }: ServerDeps, id: string) {
  const snapshot = await store.readSnapshot(id)
  const { visibility } = snapshot?.task ?? {}
  if (snapshot === undefined || (visibility !== 'public' && visibility !== 'unlisted')) {
    throw new Refusal('task_not_found', 'There is no such task.')
  }
  return snapshot
}

function addListRoute(app: DialectApp, { deps }: EdgeContext): void {
  const { store, limits } = deps
  const listed = answers({ 200: json('A page of tasks.', TaskPageSchema) }, ['invalid_input'])
  app.get(
    '/api/v1/tasks',
    { schema: { summary: 'List your own tasks, newest first', querystring: TaskQuerySchema, response: listed } },
    async ({ principal, query }) => {
      const { status, scheduled, project_id } = query
      const request = pageRequest(limits, 'number', query)
      const filter = {
        ownerId: principal.userId,
        agentId: principal.agentId ?? undefined,
        states: status && statesOf(status),
        metadata: project_id === undefined ? undefined : { project_id },
      }
      // This server schedules no tasks, so that none matches.
      const found = scheduled === true ? [] : await store.listTasks(filter, request)
      const page = pageOf('number', found, request)
      const snapshots = await Promise.all(page.rows.map(({ id }) => store.readSnapshot(id)))
      const tasks = snapshots.flatMap((snapshot: TaskSnapshot | undefined) =>
        snapshot === undefined ? [] : [taskView(fullyShown(snapshot))],
      )
      return { tasks, has_more: page.has_more, next_cursor: page.next_cursor }
    },
  )
}
