import type { Finding } from '../../../domain/decision.ts'
import type { EventFacts } from '../../../domain/event.ts'
import type { PolicyVersion } from '../../../domain/policy.ts'
import { ruleFor } from '../../../guard/content/apply-findings.ts'
import type { ToolCall, Violation } from './contract/execution.ts'

const verdicts = { allow: 'allowed', deny: 'blocked', ask: 'awaiting_approval' } as const

interface Verdict {
  readonly verdict: NonNullable<ToolCall['verdict']>
  readonly reason: string
  readonly violations: Violation[]
}

/**
 * Converts a decision of the guard to Certior's verdict. Each rule that denied a call is a violation that blocks,
 * each redaction one that warns.
 */
export function verdictOf({ answer, rules, reason }: EventFacts['action.decided']): Verdict {
  const verdict = verdicts[answer]
  if (answer === 'allow') {
    const redacted = rules.flatMap((rule) => (rule.startsWith('content:') ? [rule] : []))
    return { verdict, reason, violations: redacted.map((rule) => warning(rule, 'the tool was given')) }
  }
  const violations = rules.map((rule) => ({
    category: categoryOf(rule),
    detail: reason,
    severity: 'block' as const,
    rule,
  }))
  return { verdict, reason, violations }
}

/** The verdict of a call that was allowed, and revoked before it began. */
export const revokedVerdict: Verdict = {
  verdict: 'blocked',
  reason: 'The certificate was revoked before the call began.',
  violations: [
    {
      category: 'revoked',
      detail: 'The certificate was revoked before the call began.',
      severity: 'block',
      rule: 'revoked',
    },
  ],
}

/** Converts findings in the result of a call, which was hidden from the model, to violations. */
export function violationsOfResult(findings: readonly Finding[], policy: PolicyVersion | undefined): Violation[] {
  if (policy === undefined) return []
  const detectors = new Set(findings.map(({ detector }) => detector))
  return [...detectors].flatMap((detector) => {
    const handled = ruleFor(detector, policy.document.content)
    if (handled === 'allow') return []
    const rule = `content:${detector}`
    if (handled === 'redact') return [warning(rule, 'the model was shown')]
    const detail = `${detector} in the result: the model was shown nothing of it`
    return [{ category: 'content' as const, detail, severity: 'warn' as const, rule }]
  })
}

function warning(rule: string, shown: string): Violation {
  const detector = rule.slice('content:'.length)
  return { category: 'content', detail: `${detector}: ${shown} a stand-in for it`, severity: 'warn', rule }
}

const categories: Readonly<Record<string, Violation['category']>> = {
  capability: 'capability',
  forbidden_by_policy: 'capability',
  sink_closed: 'flow',
  content: 'content',
  approval_required: 'approval',
  budget: 'budget',
}

/** Names the category of a rule. A rule that is no gate of its own is one of the policy. */
function categoryOf(rule: string): Violation['category'] {
  return categories[rule.split(':')[0] ?? ''] ?? 'policy'
}
