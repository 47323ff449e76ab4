import { type PolicyVersion, policyAliases, policyNameOf } from '../../../domain/policy.ts'
import { Refusal } from '../../../domain/refusal.ts'
import type { Store } from '../../../store/store.ts'

/** The policy that a word of a request names, in the version that new runs get. Refuses `policy_not_found`. */
export async function findPolicy(store: Store, word: string): Promise<PolicyVersion> {
  const found = await store.readPolicyNamed(policyNameOf(word))
  if (found !== undefined) return found
  const names = (await store.listPolicies()).map(({ version }) => version.document.name)
  const words = [...names, ...Object.keys(policyAliases)].join(', ')
  const shown = JSON.stringify(word.slice(0, 80))
  throw new Refusal('policy_not_found', `There is no compliance policy ${shown}. Give one of: ${words}.`)
}
