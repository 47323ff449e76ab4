import { type PolicyVersion, policyAliases, policyNameOf } from '../../../domain/policy.ts'
import { Refusal } from '../../../domain/refusal.ts'
import type { Store } from '../../../store/store.ts'
import type { Preset } from './contract/compliance.ts'

/** Finds the policy of a name or alias, in the version that new runs get. Refuses `policy_not_found`. */
export async function findPolicy(store: Store, word: string): Promise<PolicyVersion> {
  const found = await store.readPolicyNamed(policyNameOf(word))
  if (found !== undefined) return found
  const names = (await store.listPolicies()).map(({ version }) => version.document.name)
  const known = [...names, ...Object.keys(policyAliases)].join(', ')
  const shown = JSON.stringify(word.slice(0, 80))
  throw new Refusal('policy_not_found', `There is no compliance policy ${shown}. Give one of: ${known}.`)
}

/** The presets are shown in this order. */
const presetNames = ['default', 'hipaa', 'sox', 'legal_privilege'] as const

/**
 * Lists the policies that come with the server, as new runs get them. Policies of the operator can be requested by
 * name too, and are not listed, because the presets are open to everybody.
 */
export async function listPresets(store: Store): Promise<Preset[]> {
  const versions = await Promise.all(presetNames.map((name) => store.readPolicyNamed(name)))
  return versions.flatMap((version) => {
    if (version === undefined) return []
    const { name, title, proofs, approvals, retention_days } = version.document
    const human_approvals = [...approvals.categories]
    return [{ name: title, key: name, required_proofs: [...proofs], human_approvals, retention_days }]
  })
}
