import type { TaskSnapshot } from '../domain/evolve.ts'
import { isTerminal } from '../domain/run-state.ts'
import type { EngineDeps } from './engine-deps.ts'

const pageSize = 200

/** The sub-tasks of a task, and theirs in turn, whose latest run has not ended; also those below one that has. */
export async function openSubTasksOf(deps: EngineDeps, taskId: string): Promise<TaskSnapshot[]> {
  const open: TaskSnapshot[] = []
  const parents = [taskId]
  for (const parentId of parents) {
    for await (const { id, state } of subTasksOf(deps, parentId)) {
      parents.push(id) // and so its own are looked at, further on
      const snapshot = isTerminal(state) ? undefined : await deps.store.readSnapshot(id)
      if (snapshot !== undefined && !isTerminal(snapshot.run.state)) open.push(snapshot)
    }
  }
  return open
}

async function* subTasksOf({ store }: EngineDeps, parentId: string) {
  let before = Number.MAX_SAFE_INTEGER
  for (;;) {
    const page = await store.listTasks({ parentId }, { limit: pageSize, before: { number: before } })
    yield* page
    const last = page.at(-1)
    if (last === undefined || page.length < pageSize) return
    before = last.number
  }
}
