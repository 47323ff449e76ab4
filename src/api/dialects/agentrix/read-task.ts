import type { Principal } from '../../../domain/principal.ts'
import { Refusal } from '../../../domain/refusal.ts'
import { type AccessedTask, readTaskFor } from '../../../engine/access/read-task.ts'
import type { ServerDeps } from '../../../engine/server-deps.ts'
import { readId } from './ids.ts'

/** The task of a path, if this caller may see it. One that was not started in a chat is not there for this dialect. */
export async function readTask(deps: ServerDeps, principal: Principal, word: string): Promise<AccessedTask> {
  const snapshot = await readTaskFor(deps, principal, readId('task', word))
  if (snapshot.task.dialect !== 'agentrix') throw new Refusal('task_not_found', 'There is no such task.')
  return snapshot
}
