import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { isTerminal } from '../../domain/run-state.ts'
import { type SealedPackage, sealPrepared } from '../../proof/package/seal.ts'
import { type JobOptions, workerJob } from '../../worker-pool/worker-pool.ts'
import { readTaskRecordFor } from '../access/read-task.ts'
import type { ServerDeps } from '../server-deps.ts'
import { closeRunsOf } from '../services/close-run.ts'
import { gatherPackageParts } from './gather-package-parts.ts'

const prepareJob = workerJob<typeof import('./prepare-gathered.ts').prepareGathered>(
  new URL('./prepare-gathered.ts', import.meta.url),
  'prepareGathered',
)

/** The options of each job of an export, also of those that work on the finished package. */
export function exportOptions({ limits }: Pick<ServerDeps, 'limits'>, { userId }: Principal): JobOptions {
  return { timeout: { ms: limits.export_timeout_ms, limit: 'export_timeout_ms' }, user: userId }
}

/**
 * Exports the audit package of a task: everything on record up to the end of its latest run, sealed by the key
 * that signs now. Without `contents` it holds only their digests, and says so. A run that has just ended is closed first, and
 * a head of the log is signed that covers its statements, so that nobody has to wait for those. Refuses `task_not_found`,
 * `role_forbidden` (the task is only shared with the caller), `task_busy` while the latest run has not ended,
 * `limit_exceeded` (`audit_bytes_max`, and the limits of a worker), `statement_not_found` for a task without a statement
 * about its end.
 */
export async function exportAudit(
  deps: ServerDeps,
  principal: Principal,
  taskId: string,
  { contents }: { readonly contents: boolean },
): Promise<SealedPackage> {
  const { task, run } = await readTaskRecordFor(deps, principal, taskId)
  if (!isTerminal(run.state)) {
    const { state } = run
    throw new Refusal('task_busy', `The task is ${state}. It can be exported when its run has ended.`, { state })
  }
  await closeRunsOf(deps, task.id)
  // Another run may begin meanwhile. The package ends with the last run that is closed.
  const parts = await gatherPackageParts(deps, task.id, contents)
  const signer = deps.notary.keyring.current
  const prepared = await deps.workers.requests.run(prepareJob, [parts, signer.keyId], exportOptions(deps, principal))
  return sealPrepared(prepared, signer)
}
