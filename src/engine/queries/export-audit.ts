import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { isTerminal } from '../../domain/run-state.ts'
import { buildPackage } from '../../proof/package/build-package.ts'
import { readTaskRecordFor } from '../access/read-task.ts'
import type { ServerDeps } from '../server-deps.ts'
import { closeRunsOf } from '../services/close-run.ts'
import { gatherPackageParts } from './gather-package-parts.ts'

/**
 * The audit package of a task as its text: all that is on record of it up to the end of its latest run, sealed by the key that
 * signs now. Without `contents` only their digests are in it, and it says so. A run that has just ended is closed for it, and
 * a head of the log is signed that covers its statements: nobody has to wait for those.
 * Refuses `task_not_found`, `role_forbidden` (the task is only shared with the caller), `task_busy` while the latest run has not ended, `limit_exceeded` (`audit_bytes_max`),
 * `statement_not_found` for what no statement was made about: a task of before there were any.
 */
export async function exportAudit(
  deps: ServerDeps,
  principal: Principal,
  taskId: string,
  { contents }: { readonly contents: boolean },
): Promise<string> {
  const { task, run } = await readTaskRecordFor(deps, principal, taskId)
  if (!isTerminal(run.state)) {
    const { state } = run
    throw new Refusal('task_busy', `The task is ${state}. It can be exported when its run has ended.`, { state })
  }
  await closeRunsOf(deps, task.id)
  // Another run may begin meanwhile: the package ends with the last one that is closed.
  const parts = await gatherPackageParts(deps, task.id, contents)
  return buildPackage(parts, deps.notary.keyring.current)
}
