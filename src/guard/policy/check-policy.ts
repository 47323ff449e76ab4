import type { PolicyVersion } from '../../domain/policy.ts'
import { digestPolicy } from '../../proof/digests.ts'
import { checkCedar } from './check-cedar.ts'
import { parsePolicyDocument } from './parse-policy-document.ts'
import type { PolicyProblem } from './policy-problem.ts'

/** A valid version of a policy, or its problems. */
export type CheckedPolicy =
  | { readonly ok: PolicyVersion; readonly problems?: never }
  | { readonly ok?: never; readonly problems: readonly PolicyProblem[] }

/** Checks both texts of a policy that a person wrote. Returns a version of it, or every problem of either text. */
export function checkPolicy(texts: { readonly documentText: string; readonly cedarText: string }): CheckedPolicy {
  const { document, problems: inDocument = [] } = parsePolicyDocument(texts.documentText)
  const problems = [...inDocument, ...checkCedar(texts.cedarText)]
  if (document === undefined || problems.length > 0) return { problems }
  const parts = { document, cedar: texts.cedarText }
  return { ok: { digest: digestPolicy(parts), ...parts } }
}
