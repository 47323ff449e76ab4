import type { TaskSnapshot } from '../../domain/evolve.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { Share } from '../../domain/share.ts'
import type { EngineDeps } from '../engine-deps.ts'

/** Reads the task that a link shows to everybody who has its code. Refuses `share_not_found`. */
export async function readSharedTask(
  deps: Pick<EngineDeps, 'store'>,
  code: string,
): Promise<{ readonly share: Share; readonly snapshot: TaskSnapshot }> {
  const share = await deps.store.readShare(code)
  const snapshot = share && (await deps.store.readSnapshot(share.taskId))
  if (share === undefined || snapshot === undefined) {
    throw new Refusal('share_not_found', 'No task is shown under this code.')
  }
  return { share, snapshot }
}
