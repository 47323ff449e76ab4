import type { Digest } from '../../domain/content.ts'
import type { PolicyVersion } from '../../domain/policy.ts'
import { canonicalText } from '../../proof/canonical-json.ts'
import { digestOf } from '../../proof/sha256.ts'

/** The digest of a version of a policy: SHA-256 over the RFC 8785 bytes of `{"cedar": …, "document": …}`. */
export function digestPolicy({ document, cedar }: Omit<PolicyVersion, 'digest'>): Digest {
  return digestOf(canonicalText({ cedar, document }))
}
