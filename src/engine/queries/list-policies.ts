import { type PolicyVersion, policyNameOf } from '../../domain/policy.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { PolicyProblem } from '../../guard/policy/policy-problem.ts'
import type { PolicySummary } from '../../store/store.ts'
import { workerJob } from '../../worker-pool/worker-pool.ts'
import type { EngineDeps } from '../engine-deps.ts'

/** Both parts of a policy as a person wrote them. */
export interface PolicyTexts {
  /** JSON. */
  readonly document: string
  readonly cedar: string
}

export type PolicyCheck =
  | { readonly version: PolicyVersion; readonly problems: readonly [] }
  | { readonly version: null; readonly problems: readonly PolicyProblem[] }

/** The newest version of each policy, by name. Policies are no secret: whoever has a key may read them. */
export async function listPolicies({ store }: EngineDeps): Promise<PolicySummary[]> {
  return await store.listPolicies()
}

/** A version by its digest, or the newest of a name or of another word for it. Refuses `policy_not_found`. */
export async function readPolicyOf({ store }: EngineDeps, word: string): Promise<PolicySummary> {
  const name = word.startsWith('sha256:') ? (await store.readPolicy(word))?.document.name : policyNameOf(word)
  const versions = name === undefined ? [] : await store.listPolicyVersions(name)
  const found = word.startsWith('sha256:') ? versions.find(({ version }) => version.digest === word) : versions[0]
  if (found === undefined) throw new Refusal('policy_not_found', 'There is no such policy.')
  return found
}

const checkJob = workerJob<typeof import('../../guard/policy/check-policy.ts').checkPolicy>(
  new URL('../../guard/policy/check-policy.ts', import.meta.url),
  'checkPolicy',
)

/**
 * What is wrong with a policy, each with its place, or the version that it would be. Stores nothing. Refuses `limit_exceeded`
 * where a worker does not get it done in time, and where the caller has too much under way.
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
