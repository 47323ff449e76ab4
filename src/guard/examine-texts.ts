import type { Finding } from '../domain/decision.ts'
import type { JsonObject } from '../domain/json.ts'
import type { PolicyVersion } from '../domain/policy.ts'
import { redactText } from './content/apply-findings.ts'
import { groupOf } from './content/detectors.ts'
import { scanText } from './content/scan-text.ts'
import { decideAction } from './decide-action.ts'
import type { EvaluatePolicy } from './policy/create-policy-engine.ts'
import type { ActionToVerify, GuardResult, Inspection, ResultToInspect } from './verify-action.ts'

/** Decides a call: scans its arguments, decides by the findings, and redacts what may not be passed on. */
export function verifyAction(
  { policy, inputs, text, salt }: Omit<ActionToVerify, 'input'>,
  evaluate: EvaluatePolicy,
): GuardResult {
  const findings = findUnder(policy, text, salt)
  const recorded = { ...inputs, version: 1 as const, findings }
  const decision = decideAction(policy, recorded, text, evaluate)
  // A person is asked to approve exactly what the tool would get.
  if (decision.answer === 'deny') return { decision, inputs: recorded, redacted: undefined }
  const { changed, redacted } = redactText(text, findings, salt, policy.document.content)
  const given: JsonObject | undefined = changed ? JSON.parse(redacted) : undefined
  return { decision, inputs: recorded, redacted: given }
}

/** Inspects a result: the model sees it redacted or not at all, and the run takes on the labels of its findings. */
export function inspectResult({ policy, output, salt }: ResultToInspect): Inspection {
  const findings = findUnder(policy, output, salt)
  if (findings.length === 0) return { output, findings, labels: [] }
  const { blocked, redacted } = redactText(output, findings, salt, policy.document.content)
  const detectors = [...new Set(blocked.map(({ detector }) => detector))].sort().join(', ')
  const withheld = `[withheld: the policy ${policy.document.name} does not let a run see this result (${detectors})]`
  return { output: blocked.length > 0 ? withheld : redacted, findings, labels: labelsOf(policy, findings) }
}

/** The findings in a text under a policy. Nothing is scanned where nothing in the policy depends on findings. */
export function findUnder(policy: PolicyVersion, text: string, salt: string): readonly Finding[] {
  return dependsOnFindings(policy) ? scanText(text, salt, { keywords: policy.document.content.blocked_keywords }) : []
}

/** A rule names them, or may by an escape. */
const readsFindings = /findings|\\/u

/** Whether texts are scanned under a policy at all. */
export function dependsOnFindings({ document, cedar }: PolicyVersion): boolean {
  const { personal_data, secrets, blocked_keywords } = document.content
  if (personal_data !== 'allow' || secrets !== 'allow' || blocked_keywords.length > 0) return true
  return Object.keys(document.labels_of_findings).length > 0 || readsFindings.test(cedar)
}

/**
 * The labels of the findings. Text that is encoded too deep to be read, or that was not examined, may be anything that
 * the policy has a label for.
 */
export function labelsOf({ document }: PolicyVersion, findings: readonly Finding[]): string[] {
  const labelled = Object.entries(document.labels_of_findings)
  const groups = new Set(findings.map(({ detector }) => groupOf(detector)))
  const found = new Set<string>([...findings.map(({ detector }) => detector), ...groups])
  const labels = labelled.flatMap(([name, given]) => (groups.has('evasion') || found.has(name) ? given : []))
  return [...new Set(labels)].sort()
}
