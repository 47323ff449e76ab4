import type { Store } from '../../../store/store.ts'
import type { Preset } from './contract/compliance.ts'

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
