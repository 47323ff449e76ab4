import { Refusal } from '../../domain/refusal.ts'
import { type RunState, runStates } from '../../domain/run-state.ts'
import { accessedBy } from '../../engine/access/read-task.ts'
import { listTasks } from '../../engine/queries/list-tasks.ts'
import type { TaskFilter } from '../../store/store.ts'
import { json } from '../edge/define-refusals.ts'
import { pageOf, pageRequest } from '../edge/pages.ts'
import { answers } from './answers.ts'
import { TaskPageSchema } from './contract/task.ts'
import { type TaskQuery, TaskQuerySchema } from './contract/task-requests.ts'
import type { NativeApp, NativeContext } from './native-context.ts'
import { summaryOf } from './read-task-view.ts'

/** Adds the list of tasks, newest first and without contents. */
export function addTaskListRoute(app: NativeApp, { deps }: NativeContext): void {
  const response = answers({ 200: json('A page of tasks.', TaskPageSchema) }, ['invalid_input'])
  const schema = { summary: 'List tasks, newest first', querystring: TaskQuerySchema, response }
  app.get('/v1/tasks', { schema }, async ({ query, principal }) => {
    const request = pageRequest(deps.limits, 'number', query)
    const page = pageOf('number', await listTasks(deps, principal, readFilter(query), request), request)
    const snapshots = await Promise.all(page.rows.map(({ id }) => deps.store.readSnapshot(id)))
    const there = snapshots.flatMap((snapshot) => (snapshot && accessedBy(principal, snapshot)) ?? [])
    const tasks = await Promise.all(there.map((snapshot) => summaryOf(deps, snapshot)))
    return { tasks, has_more: page.has_more, next_cursor: page.next_cursor }
  })
}

function readFilter(query: TaskQuery): TaskFilter {
  const { state, agent_id, parent_id, created_from, created_before } = query
  const metadata = Object.entries(query).flatMap(([name, value]) => {
    const key = /^metadata\[(.+)\]$/su.exec(name)?.[1]
    return key === undefined ? [] : [[key, String(value)] as const]
  })
  return {
    states: state === undefined ? undefined : readStates(state),
    agentId: agent_id,
    parentId: parent_id,
    createdFrom: created_from === undefined ? undefined : Date.parse(created_from),
    createdBefore: created_before === undefined ? undefined : Date.parse(created_before),
    metadata: Object.fromEntries(metadata),
  }
}

function readStates(text: string): RunState[] {
  const states = runStates.filter((state) => text.split(',').includes(state))
  if (states.length === text.split(',').length) return states
  const fields = [
    { field: 'state', message: `must be one or several, with commas between, of: ${runStates.join(', ')}` },
  ]
  throw new Refusal('invalid_input', 'There is no such state.', { fields })
}
