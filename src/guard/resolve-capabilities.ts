import {
  type Capability,
  coveredByAny,
  type DenialReason,
  type DeniedCapability,
  intersectGrants,
  withoutForbidden,
} from '../domain/capability.ts'
import type { PolicyDocument } from '../domain/policy.ts'
import type { Role } from '../domain/principal.ts'

/**
 * The most that a task may be granted when started by this role. A role that only reads starts nothing that writes or
 * sends.
 */
const roleAllowances: Readonly<Record<Role, readonly Capability[]>> = {
  admin: ['*'],
  operator: ['*'],
  approver: ['filesystem:read', 'document:read:*', 'database:read:*'],
  auditor: ['filesystem:read', 'document:read:*', 'database:read:*'],
  viewer: ['filesystem:read', 'document:read:*'],
}

/** The factors that the capabilities of a run are resolved from. */
export interface CapabilityRequest {
  /** The requested capabilities, or undefined for the policy's defaults. An empty list requests and grants nothing. */
  readonly requested: readonly Capability[] | undefined
  readonly policy: PolicyDocument
  readonly role: Role
  readonly agentGrants: readonly Capability[]
  /** The effective set of the run that delegates a part of its work, or undefined where there is none. */
  readonly parent?: readonly Capability[] | undefined
}

/** The capabilities of a run. */
export interface ResolvedCapabilities {
  readonly effective: readonly Capability[]
  /** The requested capabilities that were denied. It is empty where the defaults were taken, which nobody requested. */
  readonly denied: readonly DeniedCapability[]
  readonly usedDefaults: boolean
}

/**
 * Resolves the capabilities of a run: requested ∩ policy's ceiling ∩ role's allowance ∩ agent's grants ∩ parent's
 * effective set, without anything that the policy forbids. A request is granted as a whole or denied: `filesystem:*`
 * exceeds a grant of `filesystem:read`. The defaults were not requested and are reduced to what remains. The result may
 * be empty, and the caller decides whether that is refused. Invariant: each factor covers whatever an effective set
 * permits (resolve-capabilities.test.ts).
 */
export function resolveCapabilities(request: CapabilityRequest): ResolvedCapabilities {
  const { requested, policy } = request
  if (requested === undefined) {
    const cut = factorsOf(request).reduce((left, { grants }) => intersectGrants(left, grants), [...policy.defaults])
    return { effective: withoutForbidden(cut, policy.forbidden), denied: [], usedDefaults: true }
  }
  const effective: Capability[] = []
  const denied: DeniedCapability[] = []
  for (const permission of new Set(requested)) {
    const denial = denialOf(permission, request)
    if (denial === undefined) effective.push(permission)
    else denied.push({ permission, ...denial })
  }
  return { effective, denied, usedDefaults: false }
}

interface Denial {
  readonly reason: DenialReason
  readonly detail: string
}

interface Factor extends Denial {
  readonly grants: readonly Capability[]
}

/** The factors, in the order in which they are named as the reason. */
function factorsOf({ policy, role, agentGrants, parent }: CapabilityRequest): Factor[] {
  const within = (what: string) => `Permission is not within ${what}`
  const factors: Factor[] = [
    {
      grants: policy.ceiling,
      reason: 'exceeds_policy_ceiling',
      detail: within(`the ${policy.title} policy allowed set`),
    },
    { grants: roleAllowances[role], reason: 'exceeds_role_allowance', detail: within(`the ${role} role allowed set`) },
    { grants: agentGrants, reason: 'exceeds_agent_grants', detail: within("the agent's granted set") },
  ]
  if (parent !== undefined) {
    factors.push({ grants: parent, reason: 'exceeds_parent_grants', detail: within("the parent task's effective set") })
  }
  return factors
}

/** The first reason that applies, or undefined. */
function denialOf(permission: Capability, request: CapabilityRequest): Denial | undefined {
  const { forbidden, ceiling, title } = request.policy
  if (coveredByAny(forbidden, permission)) {
    return { reason: 'forbidden_by_policy', detail: `Permission is forbidden by the ${title} policy` }
  }
  if (permission === '*' && !ceiling.includes('*')) {
    const detail = `Wildcard permission is not allowed under the ${title} policy`
    return { reason: 'wildcard_denied_under_compliance', detail }
  }
  const exceeded = factorsOf(request).find(({ grants }) => !coveredByAny(grants, permission))
  return exceeded === undefined ? undefined : { reason: exceeded.reason, detail: exceeded.detail }
}
