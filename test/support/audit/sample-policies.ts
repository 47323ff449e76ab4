import { covers } from '../../../src/domain/budget.ts'
import { coveredByAny } from '../../../src/domain/capability.ts'
import type { Answer, DecisionInputs } from '../../../src/domain/decision.ts'
import { type PolicyDocument, type PolicyVersion, proofNames } from '../../../src/domain/policy.ts'
import { canonicalText } from '../../../src/proof/canonical-json.ts'
import { digestOf } from '../../../src/proof/digests.ts'
import { sampleDocument } from '../sample-inputs.ts'

const openDocument = sampleDocument({ name: 'open', title: 'Open', retention_days: 365 })

const strictDocument: PolicyDocument = {
  ...openDocument,
  name: 'strict',
  title: 'Strict',
  ceiling: ['filesystem:read', 'network:http:read', 'email:send'],
  content: { personal_data: 'redact', secrets: 'block', blocked_keywords: ['merger'] },
  labels_of_findings: { ssn: ['phi'] },
  closed_sinks: { phi: ['network'], pii: ['*'] },
  approvals: { categories: ['send_email'], tools: [] },
  proofs: [...proofNames],
  retention_days: 2_190,
}

function versionOf(document: PolicyDocument): PolicyVersion {
  const cedar = `permit(principal, action, resource); // ${document.name}`
  return { document, cedar, digest: digestOf(canonicalText({ cedar, document })) }
}

export const openPolicy = versionOf(openDocument)
export const strictPolicy = versionOf(strictDocument)

/** The sample with other rules. */
export function strictPolicyWith(over: Partial<PolicyDocument>): PolicyVersion {
  return versionOf({ ...strictDocument, ...over })
}

/** What decides in samples: pure over recorded inputs, as the guard is, with a line for each of its gates. */
export async function sampleRedecide(
  { document }: PolicyVersion,
  inputs: DecisionInputs,
): Promise<{ answer: Answer; rules: string[] }> {
  const { required, granted, labels, sinks, findings, approval_categories, cost_micros_usd, ledger } = inputs
  const deny = (rule: string) => ({ answer: 'deny' as const, rules: [rule] })
  if (!required.every((wanted) => coveredByAny(granted, wanted))) return deny('capability')
  const closed = labels.flatMap((label) => document.closed_sinks[label] ?? [])
  if (sinks.some((sink) => closed.includes(sink) || closed.includes('*'))) return deny('sink_closed')
  if (findings.some(({ detector }) => detector === 'keyword')) return deny('content')
  const wantsApproval = approval_categories.some((one) => document.approvals.categories.includes(one))
  if (wantsApproval && inputs.approval?.outcome === 'denied') return deny('approval_denied')
  if (!covers(ledger, { micros_usd: cost_micros_usd, tokens: 0, steps: 0 })) return deny('budget')
  if (wantsApproval && inputs.approval === undefined) return { answer: 'ask', rules: ['approval_required'] }
  if (wantsApproval) return { answer: 'allow', rules: ['policy:permit', 'approval'] }
  return { answer: 'allow', rules: ['policy:permit'] }
}
