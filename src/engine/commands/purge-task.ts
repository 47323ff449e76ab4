import type { TaskSnapshot } from '../../domain/evolve.ts'
import type { Principal } from '../../domain/principal.ts'
import { readTaskToChange } from '../access/read-task.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { purgeContents } from '../purge-contents.ts'
import { retryChanged } from '../retry-changed.ts'

/**
 * Takes the contents of a task away for good, before their time: the right to be forgotten. On disk when this resolves; the
 * bytes of its files follow within minutes. The journal stays and its statements verify. Its sub-tasks are tasks of
 * their own and keep theirs. Asking again changes nothing.
 * Refuses `task_not_found`, `role_forbidden`, `task_busy` while a run has not ended, `task_held` under a legal hold.
 */
export async function purgeTask(deps: EngineDeps, principal: Principal, taskId: string): Promise<TaskSnapshot> {
  return retryChanged(async () => {
    const snapshot = await readTaskToChange(deps, principal, taskId)
    return purgeContents(deps, snapshot, { by: principal.userId, reason: 'request' })
  })
}
