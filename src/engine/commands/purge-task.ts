import type { TaskSnapshot } from '../../domain/evolve.ts'
import type { Principal } from '../../domain/principal.ts'
import { readTaskToChange } from '../access/read-task.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { purgeContents } from '../purge-contents.ts'
import { retryChanged } from '../retry-changed.ts'

/**
 * Removes the contents of a task for good, before their time: the right to be forgotten. The removal is on disk when this
 * resolves; the bytes of files follow within minutes. The journal stays and its statements verify. Sub-tasks are tasks of
 * their own and keep their contents. A second request changes nothing. Refuses `task_not_found`, `role_forbidden`,
 * `task_busy` while a run has not ended, `task_held` under a legal hold.
 */
export async function purgeTask(deps: EngineDeps, principal: Principal, taskId: string): Promise<TaskSnapshot> {
  return retryChanged(async () => {
    const snapshot = await readTaskToChange(deps, principal, taskId)
    return purgeContents(deps, snapshot, { by: principal.userId, reason: 'request' })
  })
}
