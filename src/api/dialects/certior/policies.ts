import { type PolicyVersion, policyAliases, policyNameOf } from '../../../domain/policy.ts'
import { Refusal } from '../../../domain/refusal.ts'
import type { Store } from '../../../store/store.ts'
import type { Preset } from './contract/compliance.ts'

/** The policy that a word of a request names, in the version that new runs get. Refuses `policy_not_found`. */
export async function findPolicy(store: Store, word: string): Promise<PolicyVersion> {
  const found = await store.readPolicyNamed(policyNameOf(word))
  if (found !== undefined) return found
  const names = (await store.listPolicies()).map(({ version }) => version.document.name)
  const words = [...names, ...Object.keys(policyAliases)].join(', ')
  const shown = JSON.stringify(word.slice(0, 80))
  throw new Refusal('policy_not_found', `There is no compliance policy ${shown}. Give one of: ${words}.`)
}

/** In the order in which they are shown. */
const presetNames = ['default', 'hipaa', 'sox', 'legal_privilege'] as const

/**
 * The policies that come with the server, as new runs get them. An operator's own can be named in a request too; since anybody
 * may ask for the presets, they are not listed.
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
