import type { Digest } from '../../domain/content.ts'
import type { PolicyVersion } from '../../domain/policy.ts'
import { digestPolicy } from '../digests.ts'
import { demand, demandEqual, present } from './broken-link.ts'
import type { RunRecord, TaskRecord } from './task-record.ts'

/** Checks that the policies are exactly those that the runs were queued under, sorted, each with its own digest. */
export function checkPolicies(policies: readonly PolicyVersion[], { runs }: TaskRecord): void {
  for (const [i, { digest, document, cedar }] of policies.entries()) {
    const where = `policies[${i}] (${document.name})`
    const before = policies[i - 1]?.digest ?? ''
    demand(before < digest, where, 'it is not in the order of the digests, or stands twice')
    demandEqual(where, 'its digest', digest, digestPolicy({ cedar, document }), 'its document and Cedar text')
    const used = runs.some(({ config }) => config.policy.digest === digest)
    demand(used, where, 'no run was queued under it')
  }
  for (const run of runs) {
    const { name } = policyOf(policies, run).document
    demandEqual(`run ${run.run}`, 'the name of its policy', run.config.policy.name, name, 'the policy')
    const { retentionDays } = run.config
    const kept = policyOf(policies, run).document.retention_days
    demandEqual(`run ${run.run}`, 'for how many days its contents are kept', retentionDays, kept, 'its policy')
  }
}

/** The policy that a run was queued under. Throws BrokenLink where the package does not hold it. */
export function policyOf(policies: readonly PolicyVersion[], { run, config }: RunRecord): PolicyVersion {
  const wanted: Digest = config.policy.digest
  const found = policies.find(({ digest }) => digest === wanted)
  return present(found, `run ${run}`, `its policy ${config.policy.name} (${wanted}) is not in the package`)
}
