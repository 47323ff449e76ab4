import { type Capability, coveredByAny } from '../../domain/capability.ts'
import type { Digest } from '../../domain/content.ts'
import type { DecisionInputs, Finding } from '../../domain/decision.ts'
import type { PolicyDocument, ProofName } from '../../domain/policy.ts'
import { may } from '../../domain/principal.ts'
import type { RecordedConfig } from '../../domain/task.ts'

/** A certified action in the record. */
export interface AllowedAction {
  readonly action: string
  readonly tool: string
  /** The rules that allowed it. */
  readonly rules: readonly string[]
  readonly config: RecordedConfig
  /** The policy that it was decided under. */
  readonly policy: PolicyDocument
  /** The content with the arguments that the tool was given. */
  readonly given: Digest | undefined
  /** The inputs of the decision, or the reason for which they are gone. */
  readonly inputs: DecisionInputs | { readonly gone: string }
}

/** The parts of a record that proofs are computed from. */
export interface Evidence {
  /** The owner of the task. */
  readonly owner: string
  /** The policy whose proofs these are. */
  readonly regime: PolicyDocument
  readonly configs: readonly RecordedConfig[]
  /** The allowed actions, without those that were revoked before they began or that never began. */
  readonly allowed: readonly AllowedAction[]
}

/** A proof. It returns undefined where the property is proven, and otherwise the objection. */
type Proof = (evidence: Evidence) => string | undefined

/** An allowed action whose inputs are present. */
type Known = AllowedAction & { readonly inputs: DecisionInputs }

/** A proof that something holds for every allowed action. An action whose inputs are gone proves nothing. */
function ofEach(objection: (action: Known, evidence: Evidence) => string | undefined): Proof {
  return (evidence) => {
    for (const action of evidence.allowed) {
      const { inputs } = action
      if ('gone' in inputs) return `The inputs of the action ${action.action} are ${inputs.gone}.`
      const because = objection({ ...action, inputs }, evidence)
      if (because !== undefined) return `The action ${action.action} (${action.tool}) ${because}.`
    }
    return undefined
  }
}

function both(...proofs: readonly Proof[]): Proof {
  return (evidence) => {
    for (const proof of proofs) {
      const because = proof(evidence)
      if (because !== undefined) return because
    }
    return undefined
  }
}

/** Objects where an action was allowed that could carry labelled data out of the task after it was read. */
const closedSinks = ofEach(({ inputs }, { regime }) => {
  for (const label of inputs.labels) {
    const closed = Object.hasOwn(regime.closed_sinks, label) ? (regime.closed_sinks[label] ?? []) : []
    const sink = inputs.sinks.find((one) => coveredByAny(closed, one))
    if (sink !== undefined) return `could reach ${sink} after data labelled ${label} was read`
  }
  return undefined
})

function isSecret({ detector }: Finding): boolean {
  return detector.startsWith('secret:')
}

function isKeyword({ detector }: Finding): boolean {
  return detector === 'keyword'
}

/** Whether the guard scans texts under this policy. Where it does not, the absence of findings proves nothing. */
export function scans({ content, labels_of_findings }: PolicyDocument): boolean {
  if (content.personal_data !== 'allow' || content.secrets !== 'allow') return true
  return content.blocked_keywords.length > 0 || Object.keys(labels_of_findings).length > 0
}

/**
 * Objects where personal data, or an encoding that may hide some, reached a tool that can pass it on. Redacted means
 * that the tool was given other arguments than those with the finding, by a policy that redacts personal data.
 */
const personalDataKept = ofEach(({ inputs, policy, given }) => {
  if (inputs.sinks.length === 0) return undefined
  const sinks = inputs.sinks.join(', ')
  if (!scans(policy)) return `was not scanned for personal data by the policy ${policy.name} and could reach ${sinks}`
  if (given !== inputs.arguments && policy.content.personal_data === 'redact') return undefined
  const found = inputs.findings.find((finding) => !isSecret(finding) && !isKeyword(finding))
  return found && `was given personal data (${found.detector}) as it is and could reach ${sinks}`
})

/** Objects where a blocked keyword reached a tool that can pass it on. */
const keywordsKept = ofEach(({ inputs, policy }, { regime }) => {
  if (inputs.sinks.length === 0) return undefined
  const sinks = inputs.sinks.join(', ')
  const searched = new Set(policy.content.blocked_keywords)
  if (!regime.content.blocked_keywords.every((keyword) => searched.has(keyword))) {
    return `was not scanned for the keywords of ${regime.name} and could reach ${sinks}`
  }
  const found = inputs.findings.find(isKeyword)
  return found && `was given a blocked keyword and could reach ${sinks}`
})

/** Whether the grants cover every required capability. */
export function coversAll(granted: readonly Capability[], required: readonly Capability[]): boolean {
  return required.every((wanted) => coveredByAny(granted, wanted))
}

const capabilitiesCovered = ofEach(({ inputs, config }) =>
  coversAll(config.capabilities, inputs.required) ? undefined : `needed ${inputs.required.join(', ')}, not all granted`,
)

const noWildcard: Proof = ({ configs }) =>
  configs.some(({ capabilities }) => capabilities.includes('*')) ? 'A run was granted every capability (*).' : undefined

/** Objects unless the owner or an administrator had each run queued and every action was done in that user's name. */
const actedForSubmitter: Proof = (evidence) => {
  for (const { principal } of evidence.configs) {
    const rights = { ...principal, userId: principal.user, teamId: principal.team } as const
    const submits = may({ ...rights, dialect: 'native', agentId: null, keyId: null }, 'submit')
    if (!submits) return `The role ${principal.role} of ${principal.user} may not submit.`
    if (principal.user !== evidence.owner && principal.role !== 'admin') {
      return `${principal.user} had a run queued, and is neither the owner nor an administrator.`
    }
  }
  return undefined
}

const ownPrincipal = ofEach(({ inputs, config }) =>
  inputs.principal.user === config.principal.user && inputs.principal.role === config.principal.role
    ? undefined
    : `was done in the name of ${inputs.principal.user}, its run in that of ${config.principal.user}`,
)

const authorized = both(actedForSubmitter, ownPrincipal, capabilitiesCovered)

/** Objects where an action was allowed that needed an approval by the policy and had none by another person. */
const approvedByAnother = ofEach(({ inputs, tool, rules }, { regime }) => {
  const { categories, tools } = regime.approvals
  const category = inputs.approval_categories.find((one) => categories.includes(one))
  if (category === undefined && !tools.includes(tool)) return undefined
  const { approval, principal } = inputs
  const isApproved = rules.includes('approval') && approval?.outcome === 'approved' && approval.by !== principal.user
  return isApproved ? undefined : `needs the approval of another person (${category ?? tool}) and had none`
})

/** The proofs by name. Each is a function of the record: anyone with the record comes to the same result. */
export const proofs: Readonly<Record<ProofName, Proof>> = {
  no_phi_external_flow: both(closedSinks, personalDataKept),
  minimum_necessary_access: both(noWildcard, capabilitiesCovered),
  authorized_user_only: authorized,
  no_mnpi_leak: both(closedSinks, keywordsKept),
  segregation_of_duties: approvedByAnother,
  authorized_access_only: authorized,
  no_privilege_waiver: both(closedSinks, keywordsKept),
  client_authorized: authorized,
}
