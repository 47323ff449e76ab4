import type { TaskSnapshot } from '../../../domain/evolve.ts'
import type { Principal } from '../../../domain/principal.ts'
import { cancelRun } from '../../../engine/commands/cancel-run.ts'
import { resumeRun } from '../../../engine/commands/resume-run.ts'
import { stopRun } from '../../../engine/commands/stop-run.ts'
import { listTasks } from '../../../engine/queries/list-tasks.ts'
import { accessedBy, fullyShown } from '../../../engine/read-task-for.ts'
import type { ServerRooms } from '../../../engine/server-rooms.ts'
import { pageOf, pageRequest } from '../../native/pages.ts'
import type { AgentrixApp, AgentrixParts } from './agentrix-parts.ts'
import { answers, answersToBody, json, TaskParams } from './answers.ts'
import { NothingSchema, TaskPageSchema, TaskQuerySchema, TaskSchema } from './contract/task.ts'
import { listedTask, readTaskView } from './present-task.ts'
import { readTask } from './read-task.ts'

/** Listing, reading and steering tasks. */
export function addTaskRoutes(app: AgentrixApp, { rooms }: AgentrixParts): void {
  const listed = answers({ 200: json('A page of tasks.', TaskPageSchema) }, ['invalid_input'])
  app.get(
    '/v1/tasks',
    { schema: { summary: 'List your tasks, newest first', querystring: TaskQuerySchema, response: listed } },
    async ({ query, principal }) => {
      const request = pageRequest(rooms.limits, 'number', query)
      const found = await listTasks(rooms, principal, { dialect: 'agentrix' }, request)
      const page = pageOf('number', found, request)
      const snapshots = await Promise.all(page.rows.map(({ id }) => rooms.store.readSnapshot(id)))
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
    async ({ params, principal }) => readTaskView(rooms, await readTask(rooms, principal, params.taskId)),
  )
  for (const [verb, { summary, move }] of Object.entries(moves)) {
    const moved = answersToBody({ 200: json('The task after it.', TaskSchema) }, [
      'task_not_found',
      'role_forbidden',
      'run_settled',
      'move_refused',
      'task_busy',
    ])
    app.post(
      `/v1/tasks/:taskId/${verb}`,
      { schema: { summary, params: TaskParams, body: NothingSchema, response: moved } },
      async ({ params, principal }) => {
        const before = await readTask(rooms, principal, params.taskId)
        return readTaskView(rooms, fullyShown(await move(rooms, principal, before)))
      },
    )
  }
}

type Move = (rooms: ServerRooms, principal: Principal, before: TaskSnapshot) => Promise<TaskSnapshot>

const moves: Readonly<Record<'resume' | 'cancel' | 'stop', { readonly summary: string; readonly move: Move }>> = {
  resume: {
    summary: 'Let a paused task go on where it stood',
    move: (rooms, principal, { task }) => resumeRun(rooms, principal, task.id),
  },
  cancel: {
    summary: 'End a task for good; its sub-tasks too',
    // Cancelled is what was wanted: asking twice is no mistake.
    move: async (rooms, principal, before) =>
      before.run.state === 'cancelled' ? before : cancelRun(rooms, principal, before.task.id),
  },
  stop: {
    summary: 'Pause a task at its next boundary, keeping everything',
    move: (rooms, principal, { task }) => stopRun(rooms, principal, task.id),
  },
}
