import type { JsonObject } from '../../domain/json.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { Share } from '../../domain/share.ts'
import { absentShare, type Commit } from '../../store/commit.ts'
import { readTaskToChange } from '../access/read-task.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { retryChanged } from '../retry-changed.ts'

/**
 * Opens a task to everybody who has the code of its link: they may read it without a key. A task has one link; sharing it
 * again gives the same code and these permissions. Refuses `role_forbidden` and `task_not_found` to callers who may not
 * change the task, and `content_sealed` for a task that runs on a machine, whose contents are sealed.
 */
export async function shareTask(
  deps: Pick<EngineDeps, 'clock' | 'randomness' | 'store'>,
  principal: Principal,
  taskId: string,
  permissions: JsonObject,
): Promise<Share> {
  const { run } = await readTaskToChange(deps, principal, taskId)
  if (run.place.startsWith('machine:')) {
    throw new Refusal('content_sealed', 'A task that runs on a machine cannot be shared.')
  }
  return retryChanged(async () => {
    const known = await deps.store.readShareOfTask(taskId)
    const updatedAt = deps.clock.now()
    const share: Share = known
      ? { ...known, permissions, updatedAt }
      : {
          code: deps.randomness.newSalt(),
          taskId,
          createdBy: principal.userId,
          permissions,
          createdAt: updatedAt,
          updatedAt,
        }
    const commit: Commit = known
      ? { write: [{ kind: 'save_share', share }] }
      : { require: [absentShare(taskId)], write: [{ kind: 'insert_share', share }] }
    const outcome = await deps.store.commit(commit)
    return outcome.committed ? share : undefined
  })
}
