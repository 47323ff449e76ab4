import { type PolicyVersion, policyNameOf } from '../../domain/policy.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { PolicyProblem } from '../../guard/policy/policy-problem.ts'
import type { PolicySummary } from '../../store/store.ts'
import { workerJob } from '../../worker-pool/worker-pool.ts'
import type { EngineDeps } from '../engine-deps.ts'

/** The two texts of a policy, as a person wrote them. */
export interface PolicyTexts {
  /** The document as JSON. */
  readonly document: string
  readonly cedar: string
}

/** The version that valid texts make, or their problems. */
export type PolicyCheck =
  | { readonly version: PolicyVersion; readonly problems: readonly [] }
  | { readonly version: null; readonly problems: readonly PolicyProblem[] }

/** Lists the newest version of each policy, by name. Policies are no secret: every key may read them. */
export async function listPolicies({ store }: Pick<EngineDeps, 'store'>): Promise<PolicySummary[]> {
  return await store.listPolicies()
}

/** Reads a policy version by its digest, or the newest one of a name or alias. Refuses `policy_not_found`. */
export async function readPolicyOf({ store }: Pick<EngineDeps, 'store'>, nameOrDigest: string): Promise<PolicySummary> {
  const name = nameOrDigest.startsWith('sha256:')
    ? (await store.readPolicy(nameOrDigest))?.document.name
    : policyNameOf(nameOrDigest)
  const versions = name === undefined ? [] : await store.listPolicyVersions(name)
  const found = nameOrDigest.startsWith('sha256:')
    ? versions.find(({ version }) => version.digest === nameOrDigest)
    : versions[0]
  if (found === undefined) throw new Refusal('policy_not_found', 'There is no such policy.')
  return found
}

const checkJob = workerJob<typeof import('../../guard/policy/check-policy.ts').checkPolicy>(
  new URL('../../guard/policy/check-policy.ts', import.meta.url),
  'checkPolicy',
)

/**
 * Checks the texts of a policy: answers with the version that they make, or with each problem and its place. Stores nothing.
 * Refuses `limit_exceeded` where a worker takes too long, or the caller has too much under way.
 */
export async function checkPolicyTexts(
  { workers }: Pick<EngineDeps, 'workers'>,
  { userId }: Principal,
  { document, cedar }: PolicyTexts,
): Promise<PolicyCheck> {
  const texts = { documentText: document, cedarText: cedar }
  const { ok, problems } = await workers.requests.run(checkJob, [texts], { user: userId })
  return ok === undefined ? { version: null, problems } : { version: ok, problems: [] }
}
