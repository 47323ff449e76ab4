import { covers } from '../../domain/budget.ts'
import type { PolicyVersion } from '../../domain/policy.ts'
import type { Attestation, AttestedApproval, AttestedRun } from './attestation.ts'
import { present } from './broken-link.ts'
import { givenArguments } from './check-actions.ts'
import { policyOf } from './check-policies.ts'
import type { TextOf } from './packaged-content.ts'
import { type AllowedAction, coversAll, proofs, scans } from './proofs.ts'
import { readInputs } from './read-inputs.ts'
import type { ActionRecord, RunRecord, TaskRecord } from './task-record.ts'

/**
 * Computes the attestation of a record. `textOf` reads the contents of inputs; a proof whose inputs are gone is missing
 * and says so.
 */
export function attest(record: TaskRecord, policies: readonly PolicyVersion[], textOf: TextOf): Attestation {
  const last = present(record.runs.at(-1), 'attestation', 'no run was queued')
  const { digest, document: regime } = policyOf(policies, last)
  const certified = record.actions.filter(({ decision }) => decision?.event.facts.answer === 'allow')
  const begun = certified.filter(({ settled }) => settled?.facts.outcome !== 'denied')
  const allowed = begun.map((action) => allowedAction(action, policies, textOf))
  const configs = record.runs.map(({ config }) => config)
  const evidence = { owner: record.submitted.facts.owner, regime, configs, allowed }
  const found = regime.proofs.map((name) => ({ name, because: proofs[name](evidence) }))
  const missing = found.flatMap(({ name, because }) => (because === undefined ? [] : [{ name, because }]))
  return {
    regime: regime.name,
    policy: digest,
    runs: record.runs.map((run) => attestRun(run, record.actions)),
    proofs_required: regime.proofs,
    proofs_satisfied: found.flatMap(({ name, because }) => (because === undefined ? [name] : [])),
    proofs_missing: missing,
    human_approvals_required: regime.approvals.categories,
    approvals: approvalsOf(record),
    denied_for_approval: record.actions.flatMap(deniedForApproval),
    retention_days: regime.retention_days,
    certificate_count: certified.length,
    verified_properties: [...new Set(allowed.flatMap(propertiesOf))].sort(),
    compliant: missing.length === 0 && record.runs.every(({ end }) => end !== undefined),
  }
}

function allowedAction(action: ActionRecord, policies: readonly PolicyVersion[], textOf: TextOf): AllowedAction {
  const read = readInputs(action, textOf)
  const { action: id, tool } = action.requested.facts
  return {
    action: id,
    tool,
    rules: action.decision?.event.facts.rules ?? [],
    config: action.run.config,
    policy: policyOf(policies, action.run).document,
    given: givenArguments(action),
    inputs: 'inputs' in read ? read.inputs : { gone: 'gone' in read ? read.gone : 'not readable' },
  }
}

function attestRun({ run, config, end }: RunRecord, actions: readonly ActionRecord[]): AttestedRun {
  const own = actions.filter((action) => action.run.run === run && action.decision !== undefined)
  const certified = own.filter(({ decision }) => decision?.event.facts.answer === 'allow')
  const revoked = certified.filter((action) => action.revoked !== undefined)
  return {
    run,
    outcome: end?.outcome ?? null,
    policy: config.policy.digest,
    allowed: certified.length - revoked.length,
    denied: own.length - certified.length,
    revoked: revoked.length,
    certificates: certified.length,
  }
}

/** The actions that were not done because they needed an approval and got none. */
function deniedForApproval({ requested, decision }: ActionRecord): readonly string[] {
  const { answer, rules } = decision?.event.facts ?? { answer: 'allow', rules: [] }
  const lacked = rules.some((rule) => lackOfApproval.has(rule))
  return answer !== 'allow' && lacked ? [requested.facts.action] : []
}

const lackOfApproval: ReadonlySet<string> = new Set(['approval_required', 'approval_denied', 'approval_expired'])

/** Who approved which action, by the signed answers. */
function approvalsOf({ prompts }: TaskRecord): readonly AttestedApproval[] {
  return prompts.flatMap(({ opened, settled }) => {
    const { action, prompt_kind } = opened.facts
    if (prompt_kind !== 'approval' || action === null || settled?.kind !== 'prompt.answered') return []
    const { by, outcome, prompt } = settled.facts
    return outcome === 'approved' ? [{ action, by: by.user, prompt }] : []
  })
}

/**
 * The properties that the inputs of one certified action show to have been verified. A grant of everything verifies no
 * capability.
 */
function propertiesOf({ rules, config, policy, inputs }: AllowedAction): readonly string[] {
  if ('gone' in inputs) return []
  const cost = { micros_usd: inputs.cost_micros_usd, tokens: 0, steps: 0 }
  const properties = {
    budget_sufficient: covers(inputs.ledger, cost),
    capability_coverage: !config.capabilities.includes('*') && coversAll(inputs.granted, inputs.required),
    content_scanned: scans(policy),
    policy_evaluated: rules.some((rule) => rule.startsWith('policy:')),
  }
  return Object.entries(properties).flatMap(([name, holds]) => (holds ? [name] : []))
}
