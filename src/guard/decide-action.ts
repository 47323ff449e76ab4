import { availableOf, covers as budgetCovers, noAmounts } from '../domain/budget.ts'
import { coveredByAny, covers, touchesForbidden } from '../domain/capability.ts'
import type { Access, Decision, DecisionInputs, Finding } from '../domain/decision.ts'
import type { ContentRule, PolicyVersion } from '../domain/policy.ts'
import { ruleFor } from './content/apply-findings.ts'
import { unexamined } from './content/detectors.ts'
import type { EvaluatePolicy, Evaluation } from './policy/create-policy-engine.ts'

/** The rules by which a gate was passed, as the record names them. */
interface Passed {
  readonly passed: readonly string[]
}

type Gate = (version: PolicyVersion, inputs: DecisionInputs, evaluation: () => Evaluation) => Passed | Decision

/** The gates in their order. The first that denies or asks decides, and later ones are not consulted. */
const gates: readonly Gate[] = [
  passExamination,
  passCapability,
  passPolicy,
  passSinks,
  passContent,
  passApproval,
  passBudget,
]

/**
 * Decides an action from its recorded inputs: capability, policy, sinks, content, approval, budget. It is
 * deterministic, so that anyone with the inputs, the arguments and the policy can make the decision again. Reasons name
 * the rule and what would be allowed, and nothing of the arguments. An allowed action names each rule that let it pass,
 * and `content:<detector>` for what is to be redacted.
 */
export function decideAction(
  version: PolicyVersion,
  inputs: DecisionInputs,
  argumentsText: string,
  evaluate: EvaluatePolicy,
): Decision {
  const rules: string[] = []
  for (const gate of gates) {
    const outcome = gate(version, inputs, () => evaluate(version, inputs, argumentsText))
    if ('answer' in outcome) return outcome
    rules.push(...outcome.passed)
  }
  const redacted = detectorsUnder('redact', version, inputs.findings).length > 0
  const reason = `The policy ${version.document.name} allows it.`
  return { answer: 'allow', rules, reason: redacted ? `${reason} What it has redacted stands replaced.` : reason }
}

/** The detectors whose findings fall under a rule of the policy. */
function detectorsUnder(rule: ContentRule, { document }: PolicyVersion, findings: readonly Finding[]): string[] {
  const detectors = new Set(findings.map(({ detector }) => detector))
  return [...detectors].filter((detector) => ruleFor(detector, document.content) === rule)
}

function deny(rules: readonly string[], reason: string): Decision {
  return { answer: 'deny', rules, reason }
}

/** Before everything else, so that an action which takes too long to be examined also takes no time to be decided again. */
function passExamination(_version: PolicyVersion, { tool, findings }: DecisionInputs): Passed | Decision {
  if (!findings.some(({ detector }) => detector === unexamined)) return { passed: [] }
  const reason = `The arguments of this call of ${tool} could not be examined within the limits of the server, and so it is not allowed. Shorter arguments may pass.`
  return deny([unexamined], reason)
}

function passCapability({ document }: PolicyVersion, { tool, required, granted }: DecisionInputs): Passed | Decision {
  const missing = required.filter((wanted) => !coveredByAny(granted, wanted))
  if (missing.length > 0) {
    const held = granted.length === 0 ? 'nothing' : granted.join(', ')
    return deny(
      ['capability'],
      `The tool ${tool} needs ${missing.join(', ')}, which this run was not granted. It was granted ${held}.`,
    )
  }
  const forbidden = required.filter((wanted) => touchesForbidden(document.forbidden, wanted))
  if (forbidden.length > 0) {
    const reason = `The tool ${tool} needs ${forbidden.join(', ')}, which the policy ${document.name} forbids to every run.`
    return deny(['capability', 'forbidden_by_policy'], reason)
  }
  return { passed: ['capability'] }
}

/** The words for each access, which end "allows the tool x to …". */
const accessWords: Readonly<Record<Access, string>> = {
  read: 'read',
  write: 'write',
  fetch: 'fetch from outside the task',
  send: 'send out of the task',
  execute: 'run a program',
  other: 'do what it does not declare',
}

function passPolicy(
  { document }: PolicyVersion,
  { tool, access }: DecisionInputs,
  evaluation: () => Evaluation,
): Passed | Decision {
  const { allowed, rules, reasons, errors } = evaluation()
  if (allowed && errors.length === 0) return { passed: rules }
  if (rules.includes('policy:evaluation_error')) {
    const reason = `A rule of the policy ${document.name} could not be evaluated for this call, and so nothing is allowed.`
    return deny(rules, reason)
  }
  if (rules.includes('policy:default_deny')) {
    return deny(rules, `No rule of the policy ${document.name} allows the tool ${tool} to ${accessWords[access]} here.`)
  }
  const names = rules.map((rule) => rule.slice('policy:'.length)).join(', ')
  const words = [`The policy ${document.name} forbids this call of ${tool} (${names}).`, ...reasons]
  return deny(rules, words.join(' '))
}

function passSinks({ document }: PolicyVersion, { tool, labels, sinks }: DecisionInputs): Passed | Decision {
  const byLabel = new Map(Object.entries(document.closed_sinks))
  const closing = labels.filter((label) =>
    sinks.some((sink) => byLabel.get(label)?.some((closed) => covers(closed, sink))),
  )
  if (closing.length === 0) return { passed: [] }
  const reason =
    `This run has read what is labelled ${closing.join(', ')}, and ${tool} can pass on what it is given to ${sinks.join(', ')}: ` +
    `the policy ${document.name} closes that to it. Tools that keep what they are given within the task are still open.`
  return deny(
    closing.map((label) => `sink_closed:${label}`),
    reason,
  )
}

function passContent(version: PolicyVersion, { findings }: DecisionInputs): Passed | Decision {
  const blocked = detectorsUnder('block', version, findings)
  if (blocked.length > 0) {
    const reason = `The arguments hold what the policy ${version.document.name} blocks: ${blocked.join(', ')}. Without it the call may pass.`
    return deny(
      blocked.map((detector) => `content:${detector}`),
      reason,
    )
  }
  return { passed: detectorsUnder('redact', version, findings).map((detector) => `content:${detector}`) }
}

/** Denies an action that needs approval, since nobody can be asked yet. */
function passApproval({ document }: PolicyVersion, { tool, approval_categories }: DecisionInputs): Passed | Decision {
  const { categories, tools } = document.approvals
  const due = approval_categories.filter((category) => categories.includes(category))
  if (due.length === 0 && !tools.includes(tool)) return { passed: [] }
  const what = due.length > 0 ? `every ${due.join(', ')}` : `every call of ${tool}`
  const reason = `The policy ${document.name} wants a person to approve ${what}, and nobody can be asked in this run.`
  return deny(['approval_required'], reason)
}

function passBudget(_version: PolicyVersion, { tool, cost_micros_usd, ledger }: DecisionInputs): Passed | Decision {
  if (budgetCovers(ledger, { ...noAmounts, micros_usd: cost_micros_usd })) return { passed: [] }
  const left = Math.max(0, availableOf(ledger).micros_usd)
  const reason = `A call of ${tool} costs ${cost_micros_usd} micro-dollars, and ${left} are left of the task's budget.`
  return deny(['budget'], reason)
}
