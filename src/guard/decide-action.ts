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
  let evaluated: Evaluation | undefined
  const evaluation = () => {
    evaluated ??= evaluate(version, inputs, argumentsText)
    return evaluated
  }
  for (const gate of gates) {
    const outcome = gate(version, inputs, evaluation)
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
  const { allowed, rules, reasons, asks, errors } = evaluation()
  if (errors.length === 0 && (allowed || asks.length > 0)) return { passed: rules }
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

/**
 * Asks for the approval of a person where the policy wants one. What was approved is held to: it passes only while the run has
 * read nothing else since, and else it is asked again. The budget is checked before, so that nobody approves what is then
 * denied.
 */
function passApproval(version: PolicyVersion, inputs: DecisionInputs, evaluation: () => Evaluation): Passed | Decision {
  const { document } = version
  const { tool, approval } = inputs
  const asking = wantsApproval(version, inputs, evaluation)
  if (asking === undefined) return { passed: [] }
  if (approval?.outcome === 'denied') return deny(['approval_denied'], `A person denied this call of ${tool}.`)
  if (approval?.outcome === 'expired') {
    return deny(['approval_expired'], `Nobody approved this call of ${tool} in time.`)
  }
  const outdated = approval !== undefined && approval.labels.join('\n') !== inputs.labels.join('\n')
  if (approval !== undefined && !outdated) return { passed: ['approval'] }
  const budget = passBudget(version, inputs)
  if ('answer' in budget) return budget
  const again = outdated ? ' It was approved before, and the run has read something else since.' : ''
  return {
    answer: 'ask',
    rules: outdated ? ['approval_required', 'approval_outdated'] : ['approval_required'],
    reason: `The policy ${document.name} wants a person to approve ${asking}.${again}`,
  }
}

/** Names in words what needs an approval, or undefined where nothing does. */
function wantsApproval(
  { document }: PolicyVersion,
  { tool, approval_categories }: DecisionInputs,
  evaluation: () => Evaluation,
): string | undefined {
  const { categories, tools } = document.approvals
  const due = approval_categories.filter((category) => categories.includes(category))
  if (due.length > 0) return `every ${due.join(', ')}`
  if (tools.includes(tool)) return `every call of ${tool}`
  const { asks } = evaluation()
  return asks.length > 0 ? `this call of ${tool} (${asks.join(', ')})` : undefined
}

function passBudget(_version: PolicyVersion, { tool, cost_micros_usd, ledger }: DecisionInputs): Passed | Decision {
  if (budgetCovers(ledger, { ...noAmounts, micros_usd: cost_micros_usd })) return { passed: [] }
  const left = Math.max(0, availableOf(ledger).micros_usd)
  const reason = `A call of ${tool} costs ${cost_micros_usd} micro-dollars, and ${left} are left of the task's budget.`
  return deny(['budget'], reason)
}
