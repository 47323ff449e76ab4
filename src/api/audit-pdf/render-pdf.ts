import type { Principal } from '../../domain/principal.ts'
import { exportOptions } from '../../engine/queries/export-audit.ts'
import type { ServerDeps } from '../../engine/server-deps.ts'
import type { SealedPackage } from '../../proof/package/seal.ts'
import { workerJob } from '../../worker-pool/worker-pool.ts'

const renderJob = workerJob<typeof import('./render-audit-pdf.ts').renderSealedPdf>(
  new URL('./render-audit-pdf.ts', import.meta.url),
  'renderSealedPdf',
)

/**
 * An audit package as pages for a person; by a worker, since packages may be large. Refuses `limit_exceeded`
 * where it takes longer than `export_timeout_ms`, or too much memory.
 */
export function renderPdf(
  deps: Pick<ServerDeps, 'workers' | 'limits'>,
  principal: Principal,
  sealed: SealedPackage,
): Promise<Uint8Array> {
  return deps.workers.requests.run(renderJob, [sealed], exportOptions(deps, principal))
}
