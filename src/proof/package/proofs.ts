import { type Capability, coveredByAny } from '../../domain/capability.ts'
import type { Digest } from '../../domain/content.ts'
import type { DecisionInputs, Finding } from '../../domain/decision.ts'
import type { PolicyDocument, ProofName } from '../../domain/policy.ts'
import { may } from '../../domain/principal.ts'
import type { RecordedConfig } from '../../domain/task.ts'

/** An action that was certified, as the record has it. */
export interface AllowedAction {
  readonly action: string
  readonly tool: string
  /** What allowed it. */
  readonly rules: readonly string[]
  readonly config: RecordedConfig
  /** The policy that it was decided under. */
  readonly policy: PolicyDocument
  /** The content that holds the arguments as the tool got them. */
  readonly given: Digest | undefined
  /** What was decided from, or what became of that. */
  readonly inputs: DecisionInputs | { readonly gone: string }
}

export interface Evidence {
  /** Who the task belongs to. */
  readonly owner: string
  /** The policy whose proofs these are. */
  readonly regime: PolicyDocument
  readonly configs: readonly RecordedConfig[]
  /** But those that were taken back before they began, or never began. */
  readonly allowed: readonly AllowedAction[]
}

/** Nothing where it is proven, else why it is not. */
type Proof = (evidence: Evidence) => string | undefined

/** An allowed action of which the inputs are there. */
type Known = AllowedAction & { readonly inputs: DecisionInputs }

/** Whether something holds of every allowed action. What cannot be looked at any more proves nothing. */
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

/** Labelled data was read, and then something was allowed that can carry it out of the task. */
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

/** Whether the guard looks into texts at all under this policy: where it does not, that nothing was found says nothing. */
export function scans({ content, labels_of_findings }: PolicyDocument): boolean {
  if (content.personal_data !== 'allow' || content.secrets !== 'allow') return true
  return content.blocked_keywords.length > 0 || Object.keys(labels_of_findings).length > 0
}

/**
 * Nothing that is personal data, or an encoding that may hide some, went to a tool as it was where that tool can pass it on.
 * Redacted: the tool got other arguments than those in which it was found, by a policy that redacts personal data.
 */
const personalDataKept = ofEach(({ inputs, policy, given }) => {
  if (inputs.sinks.length === 0) return undefined
  const sinks = inputs.sinks.join(', ')
  if (!scans(policy)) return `was not scanned for personal data by the policy ${policy.name} and could reach ${sinks}`
  if (given !== inputs.arguments && policy.content.personal_data === 'redact') return undefined
  const found = inputs.findings.find((finding) => !isSecret(finding) && !isKeyword(finding))
  return found && `was given personal data (${found.detector}) as it is and could reach ${sinks}`
})

/** No blocked keyword went to a tool that can pass it on. */
const keywordsKept = ofEach(({ inputs, policy }, { regime }) => {
  if (inputs.sinks.length === 0) return undefined
  const sinks = inputs.sinks.join(', ')
  const looked = new Set(policy.content.blocked_keywords)
  if (!regime.content.blocked_keywords.every((keyword) => looked.has(keyword))) {
    return `was not scanned for the keywords of ${regime.name} and could reach ${sinks}`
  }
  const found = inputs.findings.find(isKeyword)
  return found && `was given a blocked keyword and could reach ${sinks}`
})

export function coversAll(granted: readonly Capability[], required: readonly Capability[]): boolean {
  return required.every((wanted) => coveredByAny(granted, wanted))
}

const capabilitiesCovered = ofEach(({ inputs, config }) =>
  coversAll(config.capabilities, inputs.required) ? undefined : `needed ${inputs.required.join(', ')}, not all granted`,
)

const noWildcard: Proof = ({ configs }) =>
  configs.some(({ capabilities }) => capabilities.includes('*')) ? 'A run was granted every capability (*).' : undefined

/** Its own owner, or an administrator, had each run queued; and every action was done in the name of that one. */
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

/** Approvals do not exist yet: what would have needed one by the policy must not have been allowed. */
const approvedByAnother = ofEach(({ inputs, tool }, { regime }) => {
  const { categories, tools } = regime.approvals
  const category = inputs.approval_categories.find((one) => categories.includes(one))
  if (category === undefined && !tools.includes(tool)) return undefined
  return `needs the approval of another person (${category ?? tool}) and had none`
})

/** What each name means. Each is a function of the record: whoever has the record comes to the same. */
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
