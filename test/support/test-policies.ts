import { readFileSync } from 'node:fs'
import type { PolicyDocument, PolicyVersion } from '../../src/domain/policy.ts'
import { digestPolicy } from '../../src/proof/digests.ts'

/** A policy that ships with the server, as it stands in `policies/`. */
export function builtinPolicy(name: string): PolicyVersion {
  const read = (ending: string) => readFileSync(new URL(`../../policies/${name}.${ending}`, import.meta.url), 'utf8')
  const parts = { document: JSON.parse(read('json')) as PolicyDocument, cedar: read('cedar') }
  return { ...parts, digest: digestPolicy(parts) }
}

export const builtinPolicies = ['default', 'hipaa', 'sox', 'legal_privilege'].map(builtinPolicy)

/** A policy of a test's own: the default one with changes. */
export function testPolicy(over: Partial<PolicyDocument>, cedar = builtinPolicy('default').cedar): PolicyVersion {
  const document = { ...builtinPolicy('default').document, name: 'test', title: 'Test', ...over }
  return { document, cedar, digest: digestPolicy({ document, cedar }) }
}
